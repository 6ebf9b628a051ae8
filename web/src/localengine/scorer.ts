/**
 * Sound in, verdicts out, as src/auscult/runtime/scorer.py does it: windows in order, each with the embeddings of those
 * before it. What comes out is the same to within 1e-4 (tests/web/test_local_scores.py).
 */

import type { BundleFile } from './bundleFile'
import { Decider, NOTHING, type Scores } from './decision'
import type { Context, Engine, Outputs } from './engine'
import { loudnessOf } from './health'
import { recordingLimitOf, thresholdsOf } from './limits'
import type { Manifest } from './manifest'
import { LocalTrouble } from './trouble'
import { Windower } from './windower'

export type State = 'normal' | 'anomaly' | 'no_signal' | 'unreliable'

export interface WindowVerdict {
  startS: number
  endS: number
  score: number
  fastScore: number | null
  ratio: number
  rule: string
  state: State
  holding: boolean
  /** For an anomaly: where the first of the windows begins that voted for it. */
  sinceS: number | null
  levelDb: number
  label: string
  probability: number | null
  isKnown: boolean | null
}

export interface ClassHeard {
  name: string
  probability: number
  isAlarm: boolean
}

export interface RecordingVerdict {
  score: number
  limit: number | null
  ratio: number
  state: State
  rule: string
  durationS: number
  /** At the end, too short for another window. */
  tailS: number
  windows: WindowVerdict[]
  /** Means over the windows, the most probable first; nothing where nothing tells classes apart. */
  classes: ClassHeard[]
  /** The median window is near enough to be one of the classes; `null` where nothing tells. */
  isKnown: boolean | null
}

/** Tolerance of onnxruntime on this machine where a bundle says nothing of it. */
const TOLERANCE = 1e-3
const WANTED = ['score', 'fast_score', 'level_db', 'embedding', 'probabilities', 'distance']

export class Scorer {
  readonly manifest: Manifest
  private readonly wanted: string[]

  constructor(
    readonly bundle: BundleFile,
    readonly engine: Engine,
  ) {
    this.manifest = bundle.manifest
    this.wanted = WANTED.filter((name) => engine.outputs.includes(name))
    if (!this.wanted.includes('score')) throw new LocalTrouble('engine', { why: 'score' })
  }

  /** The bundle gives its own scores here: the largest relative difference. */
  async verify(): Promise<number> {
    let worst = 0
    for (const [i, { samples, context }] of this.bundle.references.entries()) {
      const expected = this.manifest.references[i]
      const found = await this.run(samples, context)
      const tolerance = expected?.tolerance.onnxruntime ?? TOLERANCE
      const pairs = [
        ['score', expected?.score],
        ['fast_score', expected?.fast_score],
      ] as const
      for (const [name, value] of pairs) {
        if (value == null) continue
        const here = found[name]?.[0] ?? NaN
        const error = Math.abs(here - value) / Math.max(Math.abs(value), 1e-3)
        if (!(error <= tolerance)) throw new LocalTrouble('wrong_scores', { here, expected: value })
        worst = Math.max(worst, error)
      }
    }
    if (this.bundle.references.length === 0)
      throw new LocalTrouble('broken_manifest', { field: 'references' })
    return worst
  }

  stream(): Stream {
    return new Stream(this)
  }

  run(window: Float32Array, before: readonly Float32Array[], wanted = this.wanted): Promise<Outputs> {
    return this.engine.run(window, this.contextOf(before), wanted)
  }

  /** A whole recording at the bundle's rate. */
  async score(samples: Float32Array, onPart?: (part: number) => void): Promise<RecordingVerdict> {
    const heard = new Heard(this)
    await heard.hear(samples, onPart)
    return heard.conclude()
  }

  contextOf(before: readonly Float32Array[]): Context | null {
    const { context: places, dim } = this.manifest
    if (places === 0) return null
    const values = new Float32Array(places * dim)
    for (const [i, row] of before.entries()) values.set(row, (places - before.length + i) * dim)
    return { values, places, dim, length: before.length }
  }
}

/** What one stream remembers between windows. */
export class Stream {
  /** What the engine gave for the last window, if it was scored. */
  found: Outputs = {}
  private readonly decider: Decider
  private ring: Float32Array[] = []

  constructor(private readonly scorer: Scorer) {
    const { calibration } = scorer.manifest
    this.decider = new Decider(calibration ? thresholdsOf(calibration) : [])
  }

  async judge(window: Float32Array, startS: number): Promise<WindowVerdict> {
    const { manifest } = this.scorer
    const endS = startS + window.length / manifest.sample_rate_hz
    const { health, levelDb } = loudnessOf(window)
    if (health !== 'ok') {
      this.reset()
      return { ...UNSCORED, startS, endS, state: health, levelDb }
    }
    const found = await this.scorer.run(window, this.ring)
    const scores: Scores = {
      score: found.score?.[0] ?? NaN,
      fast_score: found.fast_score?.[0] ?? NaN,
    }
    this.found = found
    if (found.embedding) {
      this.ring = manifest.context > 0 ? [...this.ring, found.embedding].slice(-manifest.context) : []
    }
    const decision = manifest.calibration ? this.decider.push(scores) : NOTHING
    const hopS = manifest.hop_samples / manifest.sample_rate_hz
    return {
      startS,
      endS,
      score: scores.score ?? NaN,
      fastScore: found.fast_score?.[0] ?? null,
      ratio: decision.ratio,
      rule: decision.rule,
      state: decision.over ? 'anomaly' : 'normal',
      holding: decision.holding,
      sinceS: decision.over ? startS - decision.windowsBack * hopS : null,
      levelDb: found.level_db?.[0] ?? levelDb,
      ...heardAs(found, manifest),
    }
  }

  /** After a gap nothing before it counts. */
  reset(): void {
    this.ring = []
    this.found = {}
    this.decider.reset()
  }
}

const UNSCORED = {
  score: 0,
  fastScore: null,
  ratio: 0,
  rule: '',
  holding: false,
  sinceS: null,
  label: '',
  probability: null,
  isKnown: null,
}

function heardAs(found: Outputs, { labels, open_set }: Manifest) {
  const probabilities = labels.length > 0 ? found.probabilities : undefined
  const probability = probabilities ? Math.max(...probabilities) : null
  const label = probability === null ? '' : (labels[probabilities?.indexOf(probability) ?? 0] ?? '')
  const distance = found.distance?.[0]
  const isKnown = open_set && distance !== undefined ? distance <= open_set.limit : null
  return { label, probability, isKnown }
}

/** One recording while it is heard. */
class Heard {
  private readonly stream: Stream
  private readonly verdicts: WindowVerdict[] = []
  private readonly sum: Float64Array
  private readonly probabilities: Float64Array
  private readonly distances: number[] = []
  private last: Float32Array | null = null
  private samples = 0

  constructor(private readonly scorer: Scorer) {
    this.stream = scorer.stream()
    this.sum = new Float64Array(scorer.manifest.dim)
    this.probabilities = new Float64Array(scorer.manifest.labels.length)
  }

  async hear(samples: Float32Array, onPart?: (part: number) => void): Promise<void> {
    const { window_samples, hop_samples, min_window_samples, sample_rate_hz } = this.scorer.manifest
    this.samples = samples.length
    if (samples.length < min_window_samples) {
      const rate = sample_rate_hz
      throw new LocalTrouble('too_short', {
        seconds: (samples.length / rate).toFixed(2),
        least: (min_window_samples / rate).toFixed(2),
      })
    }
    // Shorter than a window: all of it is one.
    const windows = new Windower(Math.min(window_samples, samples.length), hop_samples).feed(samples)
    for (const [i, [first, window]] of windows.entries()) {
      await this.judge(window, first / sample_rate_hz)
      onPart?.((i + 1) / windows.length)
    }
  }

  async conclude(): Promise<RecordingVerdict> {
    const { calibration } = this.scorer.manifest
    const limit = calibration && recordingLimitOf(calibration)
    const score = await this.pooled()
    const ratio = limit === null ? 0 : score / limit
    const first = this.verdicts[0] as WindowVerdict
    const worst = this.verdicts.reduce((a, b) => (weight(b) > weight(a) ? b : a), first)
    const isScored = this.verdicts.some(isGood)
    const byWindow = worst.state === 'anomaly' ? worst.rule : ''
    const rule = ratio > 1 ? 'recording' : byWindow
    const state = rule !== '' ? 'anomaly' : isScored ? 'normal' : first.state
    return { score, limit, ratio, state, rule, windows: this.verdicts, ...this.lengths(), ...this.heardAs() }
  }

  private lengths(): { durationS: number; tailS: number } {
    const { sample_rate_hz, hop_samples, window_samples } = this.scorer.manifest
    const covered = (this.verdicts.length - 1) * hop_samples + window_samples
    return {
      durationS: this.samples / sample_rate_hz,
      tailS: Math.max(0, this.samples - covered) / sample_rate_hz,
    }
  }

  private heardAs(): { classes: ClassHeard[]; isKnown: boolean | null } {
    const { labels, alarm_labels, open_set } = this.scorer.manifest
    const count = this.verdicts.filter(isGood).length
    const classes = labels.map((name, i) => ({
      name,
      probability: (this.probabilities[i] ?? 0) / Math.max(count, 1),
      isAlarm: alarm_labels.includes(name),
    }))
    const distance = median(this.distances)
    return {
      classes: count > 0 ? classes.sort((a, b) => b.probability - a.probability) : [],
      isKnown: open_set && distance !== null ? distance <= open_set.limit : null,
    }
  }

  private async judge(window: Float32Array, startS: number): Promise<void> {
    const verdict = await this.stream.judge(window, startS)
    this.verdicts.push(verdict)
    if (!isGood(verdict)) return
    const { embedding, probabilities, distance } = this.stream.found
    this.last = window
    if (distance) this.distances.push(distance[0] ?? NaN)
    if (embedding) add(this.sum, embedding)
    if (probabilities) add(this.probabilities, probabilities)
  }

  private async pooled(): Promise<number> {
    const { pool, context } = this.scorer.manifest
    const good = this.verdicts.filter(isGood)
    if (good.length === 0) return 0
    if (pool === 'max') return this.worstEnd()
    if (context > 0 && this.last) return this.pooledScore(this.last, good.length)
    return good.reduce((sum, { score }) => sum + score, 0) / good.length
  }

  /** Of the mean embedding: the sum of all other windows takes the place of the context. */
  private async pooledScore(last: Float32Array, count: number): Promise<number> {
    const { context: places, dim } = this.scorer.manifest
    const own = (await this.scorer.run(last, [], ['embedding'])).embedding ?? new Float32Array(dim)
    const values = new Float32Array(places * dim)
    for (let i = 0; i < dim; i++) values[(places - 1) * dim + i] = (this.sum[i] ?? 0) - (own[i] ?? 0)
    const found = await this.scorer.engine.run(last, { values, places, dim, length: count - 1 }, ['score'])
    return found.score?.[0] ?? NaN
  }

  private worstEnd(): number {
    const { context, window_samples, hop_samples } = this.scorer.manifest
    const good = this.verdicts.map(isGood)
    const step = context + Math.ceil(window_samples / hop_samples)
    const ends = context > 0 ? blockEnds(good, context, step) : [...good.keys()].filter((i) => good[i])
    return Math.max(...ends.map((i) => this.verdicts[i]?.score ?? NaN))
  }
}

function add(sum: Float64Array, values: Float32Array): void {
  for (const [i, value] of values.entries()) sum[i] = (sum[i] ?? 0) + value
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return sorted.length === 0 ? null : ((middle[0] ?? 0) + (middle[1] ?? 0)) / 2
}

const isGood = ({ state }: WindowVerdict) => state === 'normal' || state === 'anomaly'
const weight = ({ state, ratio }: WindowVerdict) => (state === 'anomaly' ? 1e9 : 0) + ratio

/** Windows whose scores stand for a recording: the last of each ten seconds, or of what there is. */
export function blockEnds(scored: readonly boolean[], context: number, step: number): number[] {
  const complete = new Set<number>()
  const partial: number[] = []
  for (let start = 0; start < scored.length; start++) {
    if (!scored[start] || scored[start - 1]) continue
    let end = start
    while (scored[end + 1]) end++
    if (end - start < context) partial.push(end)
    else {
      for (let i = start + context; i <= end; i += step) complete.add(i)
      complete.add(end)
    }
  }
  return complete.size > 0 ? [...complete].sort((a, b) => a - b) : partial
}
