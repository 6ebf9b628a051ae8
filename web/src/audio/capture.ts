import { preferredMicrophone } from './preferred'
import workletUrl from './worklet.ts?worker&url'

export type Refusal = 'denied' | 'no_device' | 'busy' | 'insecure' | 'unplugged' | 'unknown'

export class CaptureError extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal)
  }
}

/** What the browser does to the sound, as it says itself; all of it should be off. */
export interface Processing {
  agc: boolean
  noise: boolean
  echo: boolean
}

export interface Capture {
  deviceId: string
  deviceName: string
  rateHz: number
  processing: Processing
  /** Frames of samples come out here; hand it to the worker. */
  port: MessagePort
  isRunning: () => boolean
  close: () => void
}

const REFUSALS: Record<string, Refusal> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'no_device',
  OverconstrainedError: 'no_device',
  NotReadableError: 'busy',
  AbortError: 'busy',
}

export function refusalOf(error: unknown): Refusal {
  return (error instanceof Error && REFUSALS[error.name]) || 'unknown'
}

/** Over plain HTTP on any name but localhost browsers have no microphone at all. */
export function canCapture(): boolean {
  return window.isSecureContext && navigator.mediaDevices?.getUserMedia !== undefined
}

export async function microphones(): Promise<MediaDeviceInfo[]> {
  if (!canCapture()) return []
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '')
}

/** Ask for a microphone and let it run. Call it in a click: only then may sound start. */
export async function openMicrophone(deviceId: string | null, onStopped: (why: Refusal | 'stopped') => void) {
  if (!canCapture()) throw new CaptureError('insecure')
  const context = new AudioContext()
  try {
    const stream = await askFor(deviceId)
    return await run(context, stream, onStopped)
  } catch (error) {
    void context.close()
    throw error instanceof CaptureError ? error : new CaptureError(refusalOf(error))
  }
}

async function askFor(deviceId: string | null): Promise<MediaStream> {
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
  const preferred = preferredMicrophone()
  const usual = preferred === null ? {} : { deviceId: { ideal: preferred } }
  const device = deviceId === null ? usual : { deviceId: { exact: deviceId } }
  return navigator.mediaDevices.getUserMedia({ audio: { ...plain, ...device } })
}

async function run(
  context: AudioContext,
  stream: MediaStream,
  onStopped: (why: Refusal | 'stopped') => void,
): Promise<Capture> {
  const track = stream.getAudioTracks()[0]
  if (!track) throw new CaptureError('no_device')
  let isClosed = false
  const close = () => {
    isClosed = true
    track.stop()
    void context.close()
  }
  try {
    await context.audioWorklet.addModule(workletUrl)
    const node = new AudioWorkletNode(context, 'frames')
    const { port1, port2 } = new MessageChannel()
    node.port.postMessage(port1, [port1])
    context.createMediaStreamSource(stream).connect(node)
    node.connect(context.destination) // it is silent; without a way out it would not run
    await context.resume()
    track.onended = () => {
      if (!isClosed) onStopped('unplugged')
    }
    context.onstatechange = () => {
      if (!isClosed && context.state !== 'running') onStopped('stopped')
    }
    const settings = track.getSettings()
    return {
      deviceId: settings.deviceId ?? '',
      deviceName: track.label,
      rateHz: context.sampleRate,
      processing: {
        agc: settings.autoGainControl ?? false,
        noise: settings.noiseSuppression ?? false,
        // A kind of cancellation, where it is not plainly on or off, is one that is on.
        echo: Boolean(settings.echoCancellation),
      },
      port: port2,
      isRunning: () => context.state === 'running',
      close,
    }
  } catch (error) {
    track.stop()
    throw error
  }
}
