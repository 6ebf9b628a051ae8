/**
 * Limits from what a bundle knows of normal sound, for its budget of false alarms: the same bounds as in
 * src/auscult/runtime/calibration.py, which says why they are what they are.
 */

import type { Calibration, Rule, Tail } from './manifest'

const PRELIMINARY_S = 600
const CALIBRATED_S = 3600
const MARGIN_CALIBRATED = 0.3
const MARGIN_BEFORE = 0.1
const RELEASE_PART = 0.3
const MAX_LOG = 50
/** At most so many events an hour are compatible with none heard in one, at 95 % confidence: -ln 0.05. */
const NONE_HEARD = -Math.log(0.05)

export interface Threshold {
  name: string
  statistic: Rule['statistic']
  votes: number
  of: number
  limit: number
  /** Below it an event that has begun ends. */
  release: number
}

export function thresholdsOf(calibration: Calibration): Threshold[] {
  const perHour = targetPerHour(calibration)
  return calibration.rules.map((rule) => {
    const limit = limitOf(rule, perHour * rule.share)
    const { name, statistic, votes, of, median } = rule
    return {
      name,
      statistic,
      votes,
      of,
      limit,
      release: limit - RELEASE_PART * (limit - Math.min(median, limit)),
    }
  })
}

export function recordingLimitOf(calibration: Calibration): number | null {
  const rule = calibration.recording
  return rule && limitOf(rule, targetPerHour(calibration) * rule.share)
}

function targetPerHour({ heard_s, judged_s, budget_per_day }: Calibration): number {
  if (heard_s < PRELIMINARY_S) {
    const supported = (NONE_HEARD * 86_400) / (judged_s ?? heard_s)
    return (Math.max(budget_per_day, supported) / 24) * MARGIN_BEFORE
  }
  return (budget_per_day / 24) * (heard_s < CALIBRATED_S ? MARGIN_BEFORE : MARGIN_CALIBRATED)
}

function limitOf(rule: Rule, perHour: number): number {
  const tail = Math.min(perHour / rule.decisions_per_hour, 0.5)
  const t = upperQuantile(tail, rule.n_effective - 1)
  const log = rule.log_mean + t * rule.log_sd * Math.sqrt(1 + 1 / rule.n_effective)
  const bound = Math.exp(Math.min(log, MAX_LOG))
  const wanted = rule.tail ? Math.max(bound, tailBound(rule.tail, tail)) : bound
  return rule.most === null ? wanted : Math.min(wanted, rule.most)
}

function tailBound({ start, mean, part, n }: Tail, tail: number): number {
  if (tail >= part) return Math.exp(start)
  const growth = n * mean * Math.expm1(Math.min(Math.log(part / tail) / n, MAX_LOG))
  return Math.exp(Math.min(start + growth, MAX_LOG))
}

/** What Student's t exceeds with a probability of `tail`, 0 < tail <= 0.5: by bisection on its logarithm. */
export function upperQuantile(tail: number, degrees: number): number {
  const target = Math.log(tail)
  let low = -40
  let high = 200
  for (let i = 0; i < 200 && high - low >= 1e-13; i++) {
    const middle = (low + high) / 2
    if (logTail(Math.exp(middle), degrees) > target) low = middle
    else high = middle
  }
  return Math.exp((low + high) / 2)
}

function logTail(t: number, degrees: number): number {
  const x = degrees / (degrees + t * t)
  return x >= 1 ? Math.log(0.5) : Math.log(0.5) + logBeta(degrees / 2, 0.5, x)
}

/** Logarithm of the regularised incomplete beta function. */
function logBeta(a: number, b: number, x: number): number {
  const front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * Math.log(x) + b * Math.log1p(-x)
  if (x < (a + 1) / (a + b + 2)) return front + Math.log(fraction(a, b, x) / a)
  return Math.log1p((-Math.exp(front) * fraction(b, a, 1 - x)) / b)
}

/** Lentz's continued fraction. */
function fraction(a: number, b: number, x: number): number {
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || 1e-300)
  let result = d
  for (let m = 1; m < 400; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    let change = 1
    for (const term of [even, odd]) {
      d = 1 / (1 + term * d || 1e-300)
      c = 1 + term / c || 1e-300
      change = c * d
      result *= change
    }
    if (Math.abs(change - 1) < 1e-15) break
  }
  return result
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** Logarithm of the gamma function, x > 0, after Lanczos with g = 7. */
export function lgamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lgamma(1 - x)
  const t = x + 6.5
  const sum = LANCZOS.reduce((total, term, i) => total + (i === 0 ? term : term / (x - 1 + i)), 0)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}
