import type { ScoreList } from '../../api/client'

export type Side = 'normal' | 'anomaly'

export interface Candidate {
  file: File
  side: Side
}

export type Said = ScoreList['scores'][number]

/** What two bundles say of one recording, in the order in which they were asked. */
export interface Compared extends Candidate {
  said: Said[]
}

export interface Tally {
  caught: number
  anomalies: number
  falseAlarms: number
  normals: number
}

/** What a bundle found with its own limits. */
export function tallyOf(compared: readonly Compared[], index: number): Tally {
  const alarms = (side: Side) =>
    compared.filter((one) => one.side === side && one.said[index]?.state === 'anomaly').length
  const all = (side: Side) => compared.filter((one) => one.side === side).length
  return {
    caught: alarms('anomaly'),
    anomalies: all('anomaly'),
    falseAlarms: alarms('normal'),
    normals: all('normal'),
  }
}

/** Scores of one side by one bundle. */
export function scoresOf(compared: readonly Compared[], index: number, side: Side): number[] {
  return compared.filter((one) => one.side === side).flatMap(({ said }) => said[index]?.score ?? [])
}

/** Recordings of which two bundles say different things; those where they are furthest apart come first. */
export function disagreements(compared: readonly Compared[]): Compared[] {
  const apart = ({ said: [a, b] }: Compared) => Math.abs((a?.ratio ?? 0) - (b?.ratio ?? 0))
  return compared
    .filter(({ said: [a, b] }) => a && b && a.state !== b.state)
    .sort((one, other) => apart(other) - apart(one))
}

export interface Bins {
  low: number
  high: number
  counts: Record<Side, number[]>
}

/** How often a ratio to the limit comes, on each side; what is beyond the end counts in the last bin. */
export function histogram(
  compared: readonly Compared[],
  index: number,
  value: 'ratio' | 'score',
  bins = 24,
): Bins {
  const values = (side: Side) =>
    compared.filter((one) => one.side === side).flatMap(({ said }) => said[index]?.[value] ?? [])
  const all = [...values('normal'), ...values('anomaly')]
  const low = value === 'ratio' ? 0 : Math.min(...all)
  const high = value === 'ratio' ? 3 : Math.max(...all)
  const count = (side: Side) => {
    const counts = new Array<number>(bins).fill(0)
    for (const one of values(side)) {
      const bin = Math.floor(((one - low) / (high - low || 1)) * bins)
      const at = Math.min(bins - 1, Math.max(0, bin))
      counts[at] = (counts[at] ?? 0) + 1
    }
    return counts
  }
  return { low, high, counts: { normal: count('normal'), anomaly: count('anomaly') } }
}

/** Figures that a bundle carries, as pairs of a name and a number; what is no number is left out. */
export function figuresIn(metrics: Record<string, unknown> | null): [string, number][] {
  return Object.entries(metrics ?? {}).flatMap(([name, value]) =>
    typeof value === 'number' && Number.isFinite(value) ? [[name, value] as [string, number]] : [],
  )
}
