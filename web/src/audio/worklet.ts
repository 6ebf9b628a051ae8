/** Runs in the audio thread: mixes what comes down to one channel and hands it on in frames of 16-bit samples. */

declare const sampleRate: number
declare function registerProcessor(name: string, processor: unknown): void
declare class AudioWorkletProcessor {
  readonly port: MessagePort
}

const FRAME_SAMPLES = 2048
/** While a microphone starts it gives anything but sound. */
const SETTLING_S = 0.5

class Frames extends AudioWorkletProcessor {
  private frame = new Int16Array(FRAME_SAMPLES)
  private filled = 0
  private toSkip = Math.round(SETTLING_S * sampleRate)
  private firstSample = 0
  private out: MessagePort | null = null

  constructor() {
    super()
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => (this.out = data)
  }

  process([channels]: Float32Array[][]): boolean {
    const first = channels?.[0]
    if (!first || !channels || !this.out) return true
    for (let i = 0; i < first.length; i++) {
      if (this.toSkip > 0) {
        this.toSkip--
        continue
      }
      let sum = 0
      for (const channel of channels) sum += channel[i] ?? 0
      const value = Math.round((sum / channels.length) * 32768)
      this.frame[this.filled++] = Math.max(-32768, Math.min(32767, value))
      if (this.filled === FRAME_SAMPLES) this.send()
    }
    return true
  }

  private send(): void {
    const pcm = this.frame
    const message = { pcm, firstSample: this.firstSample, capturedMs: Date.now() }
    this.out?.postMessage(message, [pcm.buffer])
    this.firstSample += FRAME_SAMPLES
    this.frame = new Int16Array(FRAME_SAMPLES)
    this.filled = 0
  }
}

registerProcessor('frames', Frames)
