/** Blocks in, verdicts and events out: one stream of sound. */

import { EventTracker, type Telling } from './events'
import { Resampler } from './resampler'
import type { Scorer, Stream, WindowVerdict } from './scorer'
import { Windower } from './windower'

export interface Heard {
  verdict: WindowVerdict
  tellings: Telling[]
}

export class Listener {
  private readonly resampler: Resampler
  private readonly windower: Windower
  private readonly stream: Stream
  private readonly tracker = new EventTracker()

  constructor(
    private readonly scorer: Scorer,
    rateHz: number,
  ) {
    const { sample_rate_hz, window_samples, hop_samples } = scorer.manifest
    this.resampler = new Resampler(rateHz, sample_rate_hz)
    this.windower = new Windower(window_samples, hop_samples)
    this.stream = scorer.stream()
  }

  /** The windows that a block completes, each with where it begins; they are to be judged in order. */
  cut(pcm: Int16Array): [number, Float32Array][] {
    const samples = Float32Array.from(pcm, (value) => value / 32768)
    const rateHz = this.scorer.manifest.sample_rate_hz
    return this.windower
      .feed(this.resampler.feed(samples))
      .map(([first, window]): [number, Float32Array] => [first / rateHz, window])
  }

  async judge(startS: number, window: Float32Array): Promise<Heard> {
    const verdict = await this.stream.judge(window, startS)
    return { verdict, tellings: this.tracker.update(verdict) }
  }

  /** A window was lost: the next one is judged without what was before. */
  skip(): void {
    this.stream.reset()
  }

  close(): Telling[] {
    return this.tracker.close()
  }
}
