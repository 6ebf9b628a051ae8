import i18next from 'i18next'
import { CaptureError, openMicrophone, type Capture, type Refusal } from '../../audio/capture'
import { Timeline } from '../../audio/timeline'
import { LocalEngine } from '../../localengine/client'
import type { Telling } from '../../localengine/events'
import type { FromLocal } from '../../localengine/messages'
import { forgetBundle, keepBundle, keptBundle } from '../../localengine/keptBundle'
import { told } from '../../localengine/trouble'
import { notify } from '../../app/notifications'
import { setQuiet } from '../../app/quiet'
import { keepEvents, MOST_EVENTS, type KeptEvent } from './kept'
import { FRESH, useLocal } from './state'

const LEVEL_EVERY_MS = 100
const STOPPED_AFTER_MS = 2000

/** Listening in this browser alone, from the click to the end; it goes on while other screens are shown. */
class LocalSession {
  timeline = new Timeline()
  private engine: LocalEngine | null = null
  private capture: Capture | null = null
  private lock: WakeLockSentinel | null = null
  private deviceId: string | null = null
  private levelAtMs = 0
  private soundAtMs = 0
  /** When sound number 0 of the stream was captured. */
  private zeroMs = 0
  private run = 0

  constructor() {
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.wake()
    })
  }

  /** Open the bundle that was kept, if there is one. */
  async resume(): Promise<void> {
    const { phase, about } = useLocal.getState()
    if (phase !== 'idle' || about) return
    useLocal.setState({ phase: 'opening' })
    const file = await keptBundle().catch(() => null)
    if (file) await this.openBytes(file)
    else useLocal.setState({ phase: 'idle' })
  }

  /** Open a bundle, and keep it if it is one. */
  async open(file: Blob): Promise<void> {
    this.stop()
    useLocal.setState({ phase: 'opening', trouble: null })
    await this.openBytes(await file.arrayBuffer(), file)
  }

  async forget(): Promise<void> {
    this.stop()
    await forgetBundle() // first of all: whoever sees it gone may leave the page
    this.engine?.close()
    this.engine = null
    useLocal.setState({ about: null, trouble: null })
  }

  async begin(deviceId: string | null): Promise<void> {
    this.stop()
    this.deviceId = deviceId
    this.timeline = new Timeline()
    useLocal.setState({ begunAtMs: Date.now() })
    await this.listen()
  }

  stop(): void {
    this.run++
    this.engine?.stop()
    this.capture?.close()
    this.capture = null
    setQuiet(false)
    void this.lock?.release().catch(() => undefined)
    this.lock = null
    this.endEvents()
    useLocal.setState({ ...FRESH, phase: 'idle' })
  }

  clearEvents(): void {
    useLocal.setState({ events: [] })
    keepEvents([])
  }

  private async openBytes(bytes: ArrayBuffer, fresh: Blob | null = null): Promise<void> {
    this.engine ??= new LocalEngine()
    try {
      const about = await this.engine.open(bytes)
      // Before it is shown, as the page may be left then. A full disk: it is open all the same.
      if (fresh) await keepBundle(fresh).catch(() => undefined)
      useLocal.setState({ about, phase: 'idle' })
    } catch (error) {
      useLocal.setState({ about: null, trouble: told(error), phase: 'idle' })
    }
  }

  private async listen(): Promise<void> {
    const run = ++this.run
    useLocal.setState({ ...FRESH, phase: 'asking', trouble: null })
    try {
      const capture = await openMicrophone(this.deviceId, (why) => {
        this.onStopped(why)
      })
      if (run !== this.run || !this.engine) {
        capture.close()
        return
      }
      this.capture = capture
      this.soundAtMs = Date.now()
      this.zeroMs = Date.now()
      setQuiet(true)
      await this.stayAwake()
      const { deviceName, processing, rateHz, port } = capture
      useLocal.setState({ phase: 'on', deviceName, processing, rateHz })
      this.engine.listen(port, rateHz, (message) => {
        if (run === this.run) this.take(message)
      })
    } catch (error) {
      if (run !== this.run) return
      setQuiet(false)
      const refusal = error instanceof CaptureError ? error.refusal : 'unknown'
      useLocal.setState({ phase: 'refused', refusal })
    }
  }

  private onStopped(why: Refusal | 'stopped'): void {
    if (why === 'stopped') useLocal.setState({ stoppedAtMs: Date.now() })
    else {
      this.stop()
      useLocal.setState({ phase: 'refused', refusal: why })
    }
  }

  /** The page is shown again: is sound still coming? */
  private async wake(): Promise<void> {
    if (useLocal.getState().phase !== 'on' || !this.capture) return
    await this.stayAwake()
    if (this.capture.isRunning() && Date.now() - this.soundAtMs < STOPPED_AFTER_MS) return
    this.engine?.stop()
    this.capture.close()
    this.timeline.beginStream(Date.now())
    await this.listen()
  }

  /** The screen of a phone stays on while it listens. */
  private async stayAwake(): Promise<void> {
    if (!('wakeLock' in navigator) || document.visibilityState !== 'visible') return
    this.lock = await navigator.wakeLock.request('screen').catch(() => null)
  }

  private take(message: FromLocal): void {
    const now = Date.now()
    if (message.type === 'sound') this.takeSound(message, now)
    else if (message.type === 'verdict') {
      const { verdict, capturedMs, inferMs } = message
      const { startS, endS, ratio, state } = verdict
      this.zeroMs = capturedMs - 1000 * endS
      this.timeline.addMark({ startS, endS, ratio, state })
      useLocal.setState({ verdict, verdictAtMs: now, latencyMs: now - capturedMs, inferMs })
    } else if (message.type === 'event') this.takeEvent(message.telling)
    else if (message.type === 'skipped') useLocal.setState({ skippedWindows: message.windows })
    else if (message.type === 'trouble') {
      this.stop()
      useLocal.setState({ trouble: message.trouble })
    }
  }

  private takeSound(message: Extract<FromLocal, { type: 'sound' }>, now: number): void {
    this.soundAtMs = now
    this.timeline.addSound(message.sound, useLocal.getState().rateHz, now)
    if (now - this.levelAtMs < LEVEL_EVERY_MS) return
    this.levelAtMs = now
    useLocal.setState({ levelDb: message.levelDb, peak: message.peak })
    // What was on its way when the browser stopped the sound is no sign that it goes on.
    if (this.capture?.isRunning() !== false) useLocal.setState({ stoppedAtMs: null })
  }

  private takeEvent({ phase, event }: Telling): void {
    const { events, about } = useLocal.getState()
    const begunAtMs = this.zeroMs + 1000 * event.startS
    const one: KeptEvent = {
      key: `${useLocal.getState().begunAtMs}-${event.id}`,
      begunAtMs,
      endedAtMs: phase === 'close' ? this.zeroMs + 1000 * event.endS : null,
      peakRatio: event.peakRatio,
      bundle: about?.name ?? '',
    }
    this.show([one, ...events.filter(({ key }) => key !== one.key)])
    if (phase === 'open') void notify(i18next.t('word.anomaly'), one.bundle)
  }

  /** Nobody will tell how what is open ends. */
  private endEvents(): void {
    const { events } = useLocal.getState()
    if (events.every(({ endedAtMs }) => endedAtMs !== null)) return
    this.show(events.map((one) => ({ ...one, endedAtMs: one.endedAtMs ?? Date.now() })))
  }

  private show(events: KeptEvent[]): void {
    const kept = events.toSorted((a, b) => b.begunAtMs - a.begunAtMs).slice(0, MOST_EVENTS)
    useLocal.setState({ events: kept })
    keepEvents(kept)
  }
}

export const localSession = new LocalSession()
