const AHEAD_S = 0.25
const MAX_AHEAD_S = 1

/** Plays samples as they come, a little later than they came. Make it in a click: only then may sound start. */
export class Player {
  private readonly context = new AudioContext()
  private endS = 0

  play(pcm: Int16Array, rateHz: number): void {
    const now = this.context.currentTime
    if (this.endS < now) this.endS = now + AHEAD_S
    if (this.endS > now + MAX_AHEAD_S) return // it came in a burst: rather skip than lag behind for ever
    const buffer = this.context.createBuffer(1, pcm.length, rateHz)
    buffer.copyToChannel(
      Float32Array.from(pcm, (value) => value / 32768),
      0,
    )
    const source = this.context.createBufferSource()
    source.buffer = buffer
    source.connect(this.context.destination)
    source.start(this.endS)
    this.endS += buffer.duration
  }

  close(): void {
    void this.context.close()
  }
}

/** Two falling tones, once. */
export function chime(): void {
  const context = new AudioContext()
  const gain = context.createGain()
  gain.connect(context.destination)
  for (const [index, hz] of [880, 660].entries()) {
    const at = context.currentTime + 0.22 * index
    const tone = context.createOscillator()
    tone.frequency.value = hz
    tone.connect(gain)
    tone.start(at)
    tone.stop(at + 0.2)
    gain.gain.setValueAtTime(0.0001, at)
    gain.gain.exponentialRampToValueAtTime(0.18, at + 0.02)
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.19)
  }
  setTimeout(() => void context.close(), 1000)
}
