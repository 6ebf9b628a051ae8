/** What a bundle says of itself, as far as judging needs it. The format is described in docs/explanation/the-bundle.md. */

import { LocalTrouble } from './trouble'

const FORMAT = 1

export interface Tail {
  start: number
  mean: number
  part: number
  n: number
}

export type Statistic = 'fast_score' | 'score' | 'level_deviation'

export interface Rule {
  name: string
  statistic: Statistic
  votes: number
  of: number
  share: number
  decisions_per_hour: number
  log_mean: number
  log_sd: number
  n_effective: number
  median: number
  tail: Tail | null
  most: number | null
}

export interface Calibration {
  rules: Rule[]
  recording: Rule | null
  heard_s: number
  judged_s: number | null
  budget_per_day: number
}

export interface Reference {
  score: number
  fast_score: number | null
  tolerance: Record<string, number>
}

export interface Manifest {
  name: string
  family: string
  sample_rate_hz: number
  window_samples: number
  hop_samples: number
  min_window_samples: number
  context: number
  pool: 'max' | 'mean'
  dim: number
  labels: string[]
  alarm_labels: string[]
  open_set: { limit: number } | null
  calibration: Calibration | null
  references: Reference[]
}

type Json = Record<string, unknown>

/** Read a manifest that may come from anywhere: what is used is checked, the rest is left alone. */
export function manifestOf(text: string): Manifest {
  let plain: unknown
  try {
    plain = JSON.parse(text)
  } catch {
    throw broken('JSON')
  }
  if (!isJson(plain)) throw broken('JSON')
  if (plain.format !== FORMAT) {
    const found = typeof plain.format === 'number' ? plain.format : 0
    if (found > FORMAT) throw new LocalTrouble('newer_format', { format: found })
    throw broken('format')
  }
  const manifest: Manifest = {
    name: textIn(plain, 'name'),
    family: textIn(plain, 'family'),
    sample_rate_hz: whole(plain, 'sample_rate_hz', 1000, 768_000),
    window_samples: whole(plain, 'window_samples', 1, 1e7),
    hop_samples: whole(plain, 'hop_samples', 1, 1e7),
    min_window_samples: whole(plain, 'min_window_samples', 1, 1e7),
    context: whole(plain, 'context', 0, 100),
    pool: plain.pool === 'mean' ? 'mean' : 'max',
    dim: whole(plain, 'dim', 0, 100_000),
    labels: listIn(plain, 'labels').map(String),
    alarm_labels: listIn(plain, 'alarm_labels').map(String),
    open_set: optional(plain, 'open_set', (given) => ({ limit: number(given, 'limit') })),
    calibration: optional(plain, 'calibration', calibrationOf),
    references: listIn(plain, 'references').map(referenceOf),
  }
  if (manifest.min_window_samples > manifest.window_samples) throw broken('min_window_samples')
  return manifest
}

function calibrationOf(plain: Json): Calibration {
  return {
    rules: listIn(plain, 'rules').map((one) => ruleOf(asJson(one, 'rules'))),
    recording: optional(plain, 'recording', ruleOf),
    heard_s: positive(plain, 'heard_s'),
    judged_s: plain.judged_s == null ? null : positive(plain, 'judged_s'),
    budget_per_day: positive(plain, 'budget_per_day'),
  }
}

function ruleOf(plain: Json): Rule {
  const statistic = textIn(plain, 'statistic')
  if (statistic !== 'fast_score' && statistic !== 'score' && statistic !== 'level_deviation')
    throw broken('statistic')
  const votes = whole(plain, 'votes', 1, 1000)
  return {
    name: textIn(plain, 'name'),
    statistic,
    votes,
    of: whole(plain, 'of', votes, 1000),
    share: positive(plain, 'share'),
    decisions_per_hour: positive(plain, 'decisions_per_hour'),
    log_mean: number(plain, 'log_mean'),
    log_sd: number(plain, 'log_sd'),
    n_effective: positive(plain, 'n_effective'),
    median: number(plain, 'median'),
    tail: optional(plain, 'tail', (tail) => ({
      start: number(tail, 'start'),
      mean: number(tail, 'mean'),
      part: number(tail, 'part'),
      n: positive(tail, 'n'),
    })),
    most: plain.most == null ? null : number(plain, 'most'),
  }
}

function referenceOf(given: unknown): Reference {
  const plain = asJson(given, 'references')
  const tolerance = optional(plain, 'tolerance', (found) => found) ?? {}
  return {
    score: number(plain, 'score'),
    fast_score: plain.fast_score == null ? null : number(plain, 'fast_score'),
    tolerance: Object.fromEntries(Object.keys(tolerance).map((name) => [name, number(tolerance, name)])),
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asJson(value: unknown, name: string): Json {
  if (!isJson(value)) throw broken(name)
  return value
}

function optional<T>(plain: Json, name: string, read: (found: Json) => T): T | null {
  return plain[name] == null ? null : read(asJson(plain[name], name))
}

function number(plain: Json, name: string): number {
  const value = plain[name]
  if (typeof value !== 'number' || !Number.isFinite(value)) throw broken(name)
  return value
}

function positive(plain: Json, name: string): number {
  const value = number(plain, name)
  if (value <= 0) throw broken(name)
  return value
}

function whole(plain: Json, name: string, least: number, most: number): number {
  const value = number(plain, name)
  if (!Number.isInteger(value) || value < least || value > most) throw broken(name)
  return value
}

function textIn(plain: Json, name: string): string {
  const value = plain[name]
  if (typeof value !== 'string' || value === '') throw broken(name)
  return value
}

function listIn(plain: Json, name: string): unknown[] {
  const value = plain[name]
  if (!Array.isArray(value)) throw broken(name)
  return value
}

function broken(field: string): LocalTrouble {
  return new LocalTrouble('broken_manifest', { field })
}
