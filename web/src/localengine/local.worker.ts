/** Owns a bundle's engine in the browser; sound comes in and numbers go out, to the page and to nobody else. */

import { loudness } from '../audio/loudness'
import { Spectrograph } from '../audio/spectrograph'
import { bundleOf } from './bundleFile'
import { engineOf } from './engine'
import { Listener } from './listener'
import type { About, FromLocal, ToLocal } from './messages'
import { resampled } from './resampler'
import { Scorer } from './scorer'
import { LocalTrouble, told } from './trouble'

/** So many windows may wait before the oldest is left out. */
const MAX_WAITING = 4
const MAX_FRAME_SAMPLES = 192_000

interface Frame {
  pcm: Int16Array
  firstSample: number
  capturedMs: number
}

interface Waiting {
  startS: number
  window: Float32Array
  capturedMs: number
}

const post = (message: FromLocal, transfer: Transferable[] = []) => {
  self.postMessage(message, { transfer })
}

/** A microphone being listened to. */
class Session {
  private readonly graph: Spectrograph
  private readonly listener: Listener
  private readonly waiting: Waiting[] = []
  private isBusy = false
  private isOver = false
  private skipped = 0

  constructor(
    scorer: Scorer,
    private readonly port: MessagePort,
    rateHz: number,
  ) {
    this.graph = new Spectrograph(rateHz)
    this.listener = new Listener(scorer, rateHz)
    port.onmessage = ({ data }: MessageEvent<Frame>) => {
      this.take(data)
    }
  }

  end(): void {
    this.isOver = true
    this.port.close()
    for (const telling of this.listener.close()) post({ type: 'event', telling })
  }

  private take({ pcm, firstSample, capturedMs }: Frame): void {
    if (this.isOver || pcm.length > MAX_FRAME_SAMPLES) return
    const sound = this.graph.feed(pcm, firstSample)
    post({ type: 'sound', sound, ...loudness(pcm) }, [sound.columns.buffer, sound.wave.buffer])
    for (const [startS, window] of this.listener.cut(pcm)) this.waiting.push({ startS, window, capturedMs })
    if (!this.isBusy) void this.work()
  }

  private async work(): Promise<void> {
    this.isBusy = true
    for (let next = this.waiting.shift(); next && !this.isOver; next = this.waiting.shift()) {
      if (this.waiting.length >= MAX_WAITING) {
        this.listener.skip()
        post({ type: 'skipped', windows: ++this.skipped })
        continue
      }
      await this.judge(next)
    }
    this.isBusy = false
  }

  private async judge({ startS, window, capturedMs }: Waiting): Promise<void> {
    const began = performance.now()
    try {
      const { verdict, tellings } = await this.listener.judge(startS, window)
      if (this.isOver) return
      post({ type: 'verdict', verdict, capturedMs, inferMs: performance.now() - began })
      for (const telling of tellings) post({ type: 'event', telling })
    } catch (error) {
      this.end()
      post({ type: 'trouble', trouble: told(error) })
    }
  }
}

let scorer: Scorer | null = null
let session: Session | null = null

async function open(file: ArrayBuffer): Promise<About> {
  session?.end()
  session = null
  await scorer?.engine.close()
  scorer = null
  const bundle = await bundleOf(new Uint8Array(file))
  const opened = new Scorer(bundle, await engineOf(bundle.model))
  const difference = await opened.verify()
  scorer = opened
  const { name, family, sample_rate_hz: rateHz, window_samples, hop_samples, calibration } = bundle.manifest
  return {
    name,
    family,
    rateHz,
    windowS: window_samples / rateHz,
    hopS: hop_samples / rateHz,
    hasLimit: calibration !== null,
    heardS: calibration?.heard_s ?? 0,
    difference,
  }
}

async function score(samples: Float32Array, rateHz: number): Promise<void> {
  const { manifest } = opened()
  const began = performance.now()
  const verdict = await opened().score(resampled(samples, rateHz, manifest.sample_rate_hz), (part) => {
    post({ type: 'part', part })
  })
  post({ type: 'scored', verdict, tookMs: performance.now() - began })
}

function opened(): Scorer {
  if (!scorer) throw new LocalTrouble('no_bundle')
  return scorer
}

async function obey(data: ToLocal): Promise<void> {
  if (data.type === 'open') post({ type: 'opened', about: await open(data.file) })
  else if (data.type === 'score') await score(data.samples, data.rateHz)
  else {
    session?.end()
    session = data.type === 'listen' ? new Session(opened(), data.port, data.rateHz) : null
  }
}

// One after the other: a bundle is open before anything is judged with it.
let last = Promise.resolve()
self.onmessage = ({ data }: MessageEvent<ToLocal>) => {
  last = last
    .then(() => obey(data))
    .catch((error: unknown) => {
      post({ type: 'trouble', trouble: told(error) })
    })
}
