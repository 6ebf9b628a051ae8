/** From scores to a decision: votes of n among the last m windows. */

import type { Threshold } from './limits'

export type Scores = Partial<Record<string, number>>

export interface Decision {
  /** Statistic over limit of the rule nearest to its limit, or furthest over it. */
  ratio: number
  rule: string
  over: boolean
  /** A rule is over its release level: what has begun goes on. */
  holding: boolean
  /** If over: how many windows ago the first of those was that voted for it. */
  windowsBack: number
}

export const NOTHING: Decision = { ratio: 0, rule: '', over: false, holding: false, windowsBack: 0 }

export class Decider {
  private readonly recent: number[][]

  constructor(private readonly rules: readonly Threshold[]) {
    this.recent = rules.map(() => [])
  }

  push(scores: Scores): Decision {
    const found: { rule: Threshold; value: number; back: number }[] = []
    for (const [i, rule] of this.rules.entries()) {
      const recent = this.recent[i] as number[]
      recent.push(scores[rule.statistic] ?? NaN)
      if (recent.length > rule.of) recent.shift()
      if (recent.length < rule.votes) continue
      // The n-th largest of the last m is over the limit where at least n of them are.
      const value = recent.toSorted((a, b) => b - a)[rule.votes - 1] as number
      const first = recent.findIndex((score) => score > rule.limit)
      found.push({ rule, value, back: first < 0 ? 0 : recent.length - 1 - first })
    }
    const [first, ...others] = found
    if (!first) return NOTHING
    const ratio = ({ rule, value }: { rule: Threshold; value: number }) => value / rule.limit
    const top = others.reduce((best, one) => (ratio(one) > ratio(best) ? one : best), first)
    const over = top.value > top.rule.limit
    return {
      ratio: ratio(top),
      rule: top.rule.name,
      over,
      holding: found.some(({ rule, value }) => value > rule.release),
      windowsBack: over ? top.back : 0,
    }
  }

  reset(): void {
    for (const recent of this.recent) recent.length = 0
  }
}
