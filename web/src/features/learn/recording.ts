import { useSyncExternalStore } from 'react'
import { ApiError, api, socketAddress } from '../../api/client'
import type { LearnMessage } from '../../api/messages'
import type { CollectionInfo } from '../../api/types'
import {
  CaptureError,
  openMicrophone,
  type Capture,
  type Processing,
  type Refusal,
} from '../../audio/capture'
import { UNEVEN, type FromWorker, type Microphone, type ToWorker } from '../../audio/listening'
import { Timeline } from '../../audio/timeline'
import { begin, isFit, plan, struckBy } from './plan'

export const SECONDS = 60
/** The server learns from no less. */
export const ENOUGH_S = 30

export type Second = LearnMessage['state']

/** A recording that the server has, and why nothing is learned from it yet. */
export interface Unbegun {
  collection: string
  error: ApiError
}

export type Step =
  | { step: 'idle'; unbegun?: Unbegun | null }
  | { step: 'asking' }
  | { step: 'refused'; refusal: Refusal }
  | { step: 'recording' }
  | { step: 'lost'; isUneven?: boolean }
  | { step: 'keeping' }
  | { step: 'failed'; error: unknown }

export type Recorded = Step & { seconds: Second[]; processing: Processing | null }

/** One minute of normal sound, from the click until the server has it; it goes on while other screens are shown. */
class Recording {
  timeline = new Timeline()
  private shown: Recorded = { step: 'idle', seconds: [], processing: null }
  private listeners = new Set<() => void>()
  private capture: Capture | null = null
  private worker: Worker | null = null
  private session: string | null = null
  private name = ''

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly snapshot = (): Recorded => this.shown

  async begin(name: string): Promise<void> {
    this.cancel()
    this.name = name
    this.timeline = new Timeline()
    this.show({ step: 'asking' }, [])
    try {
      const capture = await openMicrophone(null, (why) => {
        this.close()
        this.show(why === 'stopped' ? { step: 'lost' } : { step: 'refused', refusal: why })
      })
      if (this.shown.step !== 'asking') {
        capture.close()
        return
      }
      this.capture = capture
      this.shown = { ...this.shown, processing: capture.processing }
      this.show({ step: 'recording' }, [])
      this.work(capture)
    } catch (error) {
      this.show({ step: 'refused', refusal: error instanceof CaptureError ? error.refusal : 'unknown' })
    }
  }

  cancel(): void {
    this.close()
    this.show({ step: 'idle' }, [])
  }

  /** Let the server keep what there is; if nothing is wrong with it, learn from it at once. */
  async finish(): Promise<void> {
    this.close()
    if (this.session === null) return
    this.show({ step: 'keeping' })
    try {
      const kept = await api.newCollection(this.session)
      const { processing } = this.shown
      plan.setState({ collection: kept.id, job: null, name: this.name, way: 'record', processing })
      const unbegun = isFit(kept, processing) ? await this.learn(kept) : null
      this.show({ step: 'idle', unbegun })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.show({ step: 'failed', error })
    }
  }

  /** The sound is kept by now: where learning is refused, it can be asked for again. */
  private async learn(kept: CollectionInfo): Promise<Unbegun | null> {
    try {
      await begin(kept.id, this.name, { struck_out: struckBy(kept) })
      return null
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return { collection: kept.id, error }
    }
  }

  private work({ port, rateHz, deviceName, processing }: Capture): void {
    const worker = new Worker(new URL('../../audio/listening.worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (worker === this.worker) this.take(data)
    }
    this.worker = worker
    const what: Microphone = { kind: 'microphone', port, rateHz, name: deviceName, processing, mode: 'learn' }
    const begin: ToWorker = { type: 'begin', url: socketAddress('/ws/stream'), what }
    worker.postMessage(begin, [port])
  }

  private take(data: FromWorker): void {
    if (data.type === 'sound') this.timeline.addSound(data.sound, data.rateHz, Date.now())
    else if (data.type === 'welcome') this.welcome(data)
    else if (data.type === 'message' && data.message.type === 'learn') this.second(data.message)
    else if (data.type === 'link' && data.link === 'refused')
      this.stop({ step: 'lost', isUneven: data.closeCode === UNEVEN })
  }

  private welcome({ isResumed, message }: Extract<FromWorker, { type: 'welcome' }>): void {
    if (!('session' in message)) return
    // A server that was started again knows nothing of the seconds before.
    if (this.session !== null && this.shown.seconds.length > 0 && !isResumed) this.stop({ step: 'lost' })
    else this.session = message.session
  }

  private second({ seconds, state }: LearnMessage): void {
    const heard = [...this.shown.seconds]
    heard[Math.floor(seconds) - 1] = state
    this.show(this.shown, heard)
    if (seconds >= SECONDS) void this.finish()
  }

  private stop(step: Step): void {
    this.close()
    this.show(step)
  }

  private close(): void {
    const end: ToWorker = { type: 'end' }
    this.worker?.postMessage(end)
    this.worker = null
    this.capture?.close()
    this.capture = null
  }

  private show(step: Step, seconds = this.shown.seconds): void {
    this.shown = { ...step, seconds, processing: this.shown.processing }
    for (const listener of this.listeners) listener()
  }
}

export const recording = new Recording()

export function useRecording(): Recorded {
  return useSyncExternalStore(recording.subscribe, recording.snapshot, recording.snapshot)
}
