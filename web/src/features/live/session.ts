import type { ServerMessage } from '../../api/messages'
import { socketAddress } from '../../api/client'
import { CaptureError, openMicrophone, type Capture } from '../../audio/capture'
import type { FromWorker, Microphone, ToWorker, Watched } from '../../audio/listening'
import { Player, chime } from '../../audio/player'
import { Timeline } from '../../audio/timeline'
import { mayHear } from './mayHear'
import { FRESH, useLive, type LiveState, type Target } from './state'

const LAST_TARGET = 'auscult.target'
const LEVEL_EVERY_MS = 100
/** So long without sound from a running microphone: the browser has stopped it. */
const STOPPED_AFTER_MS = 2000

type Told = (message: ServerMessage) => void

/** Listening, from the click to the end; it goes on while other screens are shown. */
class LiveSession {
  timeline = new Timeline()
  private worker: Worker | null = null
  private capture: Capture | null = null
  private player: Player | null = null
  private levelAtMs = 0
  private soundAtMs = 0
  private told = new Set<Told>()
  private run = 0

  async begin(target: Target): Promise<void> {
    this.close()
    this.timeline = new Timeline()
    useLive.setState({ ...FRESH, target, begunAtMs: Date.now() })
    await this.open(target)
  }

  /** Go on after a pause or a stop of the browser's, on the same axis. */
  async goOn(): Promise<void> {
    const { target, stoppedAtMs } = useLive.getState()
    if (!target) return
    this.close()
    this.timeline.beginStream(Date.now())
    const wasStoppedForS = stoppedAtMs === null ? null : (Date.now() - stoppedAtMs) / 1000
    useLive.setState({ ...FRESH, wasStoppedForS, target })
    await this.open(target)
  }

  pause(): void {
    this.close()
    useLive.setState({ phase: 'paused', openEvent: null, isHearing: false })
  }

  end(): void {
    this.close()
    localStorage.removeItem(LAST_TARGET)
    useLive.setState({ ...FRESH, phase: 'idle', target: null })
  }

  retry(): void {
    this.send({ type: 'retry' })
  }

  /** What was watched when the page was left; a microphone is never opened without a click. */
  lastTarget(): Target | null {
    try {
      const found = JSON.parse(localStorage.getItem(LAST_TARGET) ?? 'null') as Target | null
      return found?.kind === 'source' ? found : null
    } catch {
      return null
    }
  }

  hear(on: boolean): void {
    this.player?.close()
    this.player = on ? new Player() : null
    this.send({ type: 'hear', on })
    useLive.setState({ isHearing: on })
  }

  onMessage(told: Told): () => void {
    this.told.add(told)
    return () => this.told.delete(told)
  }

  /** The page is shown again: is sound still coming? */
  async wake(nowMs = Date.now()): Promise<void> {
    if (useLive.getState().phase !== 'on' || !this.capture) return
    if (this.capture.isRunning() && nowMs - this.soundAtMs < STOPPED_AFTER_MS) return
    useLive.setState(({ stoppedAtMs }) => ({ stoppedAtMs: stoppedAtMs ?? this.soundAtMs }))
    await this.goOn()
  }

  private async open(target: Target): Promise<void> {
    const run = ++this.run
    if (target.kind === 'source') {
      localStorage.setItem(LAST_TARGET, JSON.stringify(target))
      useLive.setState({ phase: 'on', deviceName: target.name, stream: target.stream })
      const audio = await mayHear()
      if (run !== this.run) return
      useLive.setState({ hasSound: audio })
      this.work('/ws/events', { kind: 'watch', stream: target.stream, audio })
      return
    }
    useLive.setState({ phase: 'asking' })
    try {
      const capture = await openMicrophone(target.deviceId, (why) => {
        this.onStopped(why)
      })
      if (run !== this.run) {
        capture.close()
        return
      }
      this.capture = capture
      this.soundAtMs = Date.now()
      const { deviceName, processing, rateHz, port } = capture
      useLive.setState({ phase: 'on', deviceName, processing })
      const what: Microphone = {
        kind: 'microphone',
        port,
        rateHz,
        name: deviceName,
        processing,
        mode: 'listen',
      }
      this.work('/ws/stream', what, [port])
    } catch (error) {
      if (run !== this.run) return
      const refusal = error instanceof CaptureError ? error.refusal : 'unknown'
      useLive.setState({ phase: 'refused', refusal })
    }
  }

  private work(
    path: '/ws/stream' | '/ws/events',
    what: Microphone | Watched,
    transfer: Transferable[] = [],
  ): void {
    const worker = new Worker(new URL('../../audio/listening.worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (worker === this.worker) this.take(data)
    }
    this.worker = worker
    const begin: ToWorker = { type: 'begin', url: socketAddress(path), what }
    worker.postMessage(begin, transfer)
  }

  private send(message: ToWorker): void {
    this.worker?.postMessage(message)
  }

  private close(): void {
    this.run++
    this.send({ type: 'end' })
    this.worker = null
    this.capture?.close()
    this.capture = null
    this.player?.close()
    this.player = null
  }

  private onStopped(why: LiveState['refusal'] | 'stopped'): void {
    if (why === 'stopped') {
      useLive.setState({ stoppedAtMs: Date.now() })
      return
    }
    this.close()
    useLive.setState({ phase: 'refused', refusal: why })
    const comeBack = () => {
      if (useLive.getState().refusal !== 'unplugged')
        navigator.mediaDevices.removeEventListener('devicechange', comeBack)
      else void this.goOn()
    }
    navigator.mediaDevices.addEventListener('devicechange', comeBack)
  }

  private take(data: FromWorker): void {
    if (data.type === 'sound') this.takeSound(data)
    else if (data.type === 'link') this.takeLink(data)
    else if (data.type === 'welcome') this.takeWelcome(data)
    else this.takeMessage(data)
  }

  private takeSound(data: Extract<FromWorker, { type: 'sound' }>): void {
    const now = Date.now()
    this.soundAtMs = now
    this.timeline.addSound(data.sound, data.rateHz, now)
    if (data.pcm) this.player?.play(data.pcm, data.rateHz)
    if (now - this.levelAtMs < LEVEL_EVERY_MS) return
    this.levelAtMs = now
    const { levelDb, peak, rateHz } = data
    useLive.setState({ levelDb, peak, rateHz, droppedS: data.droppedSamples / rateHz })
    // What was on its way when the browser stopped the sound is no sign that it goes on.
    if (this.capture?.isRunning() !== false) useLive.setState({ stoppedAtMs: null })
  }

  private takeLink({ link, attempt, closeCode }: Extract<FromWorker, { type: 'link' }>): void {
    useLive.setState(({ linkLostAtMs }) => ({
      link,
      attempt,
      closeCode,
      linkLostAtMs:
        link === 'reconnecting' ? (linkLostAtMs ?? Date.now()) : link === 'open' ? null : linkLostAtMs,
    }))
  }

  private takeWelcome({ message, isResumed }: Extract<FromWorker, { type: 'welcome' }>): void {
    // Of a new session, or while the viewer was away, nobody told how the open event ended.
    if (!isResumed) useLive.setState({ openEvent: null, health: 'ok' })
    if ('session' in message) {
      const { stream, bundle, window_s } = message
      const name = bundle?.name ?? null
      useLive.setState({ stream, hasBundle: bundle !== null, bundleName: name, windowS: window_s ?? 2 })
      return
    }
    const { target } = useLive.getState()
    const found = message.streams.find(({ stream }) => target?.kind === 'source' && stream === target.stream)
    if (found) useLive.setState({ deviceName: found.name })
  }

  private takeMessage({ message, capturedMs }: Extract<FromWorker, { type: 'message' }>): void {
    const now = Date.now()
    if (message.type === 'result') {
      const latencyMs = capturedMs === null ? null : now - capturedMs
      if (!useLive.getState().hasSound) this.timeline.keepTime(message.end_s, now)
      this.timeline.addMark({
        startS: message.start_s,
        endS: message.end_s,
        ratio: message.ratio ?? NaN,
        state: message.state,
      })
      useLive.setState({ result: message, resultAtMs: now, latencyMs, capturedMs, hasBundle: true })
    } else if (message.type === 'event') this.takeEvent(message, now)
    else if (message.type === 'health') useLive.setState({ health: message.state })
    else if (message.type === 'status') this.takeStatus(message, now)
    for (const told of this.told) told(message)
  }

  private takeEvent({ phase, event }: Extract<ServerMessage, { type: 'event' }>, now: number): void {
    if (event.kind !== 'anomaly') return
    if (phase === 'close') {
      useLive.setState({ openEvent: null, eventEndedAtMs: now })
      return
    }
    const { openEvent, mutedUntilMs, alertSound, target } = useLive.getState()
    const isNew = openEvent?.id !== event.id
    useLive.setState({ openEvent: event })
    const isMuted = mutedUntilMs !== null && mutedUntilMs > now
    if (isNew && !isMuted && target && alertSound[target.kind]) chime()
  }

  private takeStatus(message: Extract<ServerMessage, { type: 'status' }>, now: number): void {
    if (message.code === 'overloaded' || message.code === 'dropped') {
      const skipped = message.windows ?? 1
      useLive.setState(({ skippedWindows }) => ({
        skippedWindows: skippedWindows + skipped,
        skippedAtMs: now,
      }))
    } else if (message.code === 'no_bundle') useLive.setState({ hasBundle: false })
  }
}

export const session = new LiveSession()
