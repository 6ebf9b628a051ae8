/** The page's side of the worker that judges in the browser. */

import type { About, FromLocal, ToLocal } from './messages'
import type { RecordingVerdict } from './scorer'
import { LocalTrouble } from './trouble'

type Live = Exclude<FromLocal, { type: 'opened' | 'part' | 'scored' }>

interface Asked {
  take: (message: FromLocal) => void
  fail: (error: LocalTrouble) => void
}

export class LocalEngine {
  private readonly worker = new Worker(new URL('./local.worker.ts', import.meta.url), { type: 'module' })
  private asked: Asked | null = null
  private last: Promise<unknown> = Promise.resolve()
  private onLive: ((message: Live) => void) | null = null

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<FromLocal>) => {
      this.take(data)
    }
    this.worker.onerror = () => {
      this.take({ type: 'trouble', trouble: { key: 'engine', values: { why: '' } } })
    }
  }

  /** Open a bundle; it takes the place of the one before it. */
  open(file: ArrayBuffer): Promise<About> {
    return this.ask({ type: 'open', file }, [file], (message, done) => {
      if (message.type === 'opened') done(message.about)
    })
  }

  score(
    samples: Float32Array<ArrayBuffer>,
    rateHz: number,
    onPart: (part: number) => void,
  ): Promise<{ verdict: RecordingVerdict; tookMs: number }> {
    return this.ask({ type: 'score', samples, rateHz }, [samples.buffer], (message, done) => {
      if (message.type === 'part') onPart(message.part)
      if (message.type === 'scored') done(message)
    })
  }

  listen(port: MessagePort, rateHz: number, onLive: (message: Live) => void): void {
    this.onLive = onLive
    this.post({ type: 'listen', port, rateHz }, [port])
  }

  stop(): void {
    this.post({ type: 'stop' })
  }

  close(): void {
    this.worker.terminate()
  }

  /** One question after the other. */
  private ask<T>(
    message: ToLocal,
    transfer: Transferable[],
    take: (message: FromLocal, done: (value: T) => void) => void,
  ): Promise<T> {
    const turn = this.last.then(() => this.askNow(message, transfer, take))
    this.last = turn.catch(() => undefined)
    return turn
  }

  private askNow<T>(
    message: ToLocal,
    transfer: Transferable[],
    take: (message: FromLocal, done: (value: T) => void) => void,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const done = (value: T) => {
        this.asked = null
        resolve(value)
      }
      this.asked = {
        take: (answer) => {
          take(answer, done)
        },
        fail: reject,
      }
      this.post(message, transfer)
    })
  }

  private post(message: ToLocal, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer)
  }

  private take(message: FromLocal): void {
    if (message.type === 'trouble' && this.asked) {
      this.asked.fail(new LocalTrouble(message.trouble.key, message.trouble.values))
      this.asked = null
    } else if (message.type === 'opened' || message.type === 'part' || message.type === 'scored')
      this.asked?.take(message)
    else this.onLive?.(message)
  }
}
