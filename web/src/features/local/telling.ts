import type { LocalState } from './state'

export type Word = 'normal' | 'watch' | 'anomaly' | 'no_signal' | 'waiting' | 'stopped' | 'no_limit'
export type Tone = 'ok' | 'watch' | 'bad' | 'mute'

export type Reason =
  | { key: 'normal' | 'stale'; forS: number }
  | { key: 'warming'; seconds: number }
  | { key: 'processing'; what: ('agc' | 'noise' | 'echo')[] }
  | { key: 'anomaly' | 'recovering' | 'near' | 'no_signal' | 'unreliable' | 'stopped' | 'no_limit' }

export interface Telling {
  word: Word
  tone: Tone
  reason: Reason
}

const STALE_WINDOWS = 3

/** The one thing to be told now; what makes a judgement doubtful comes before the judgement. */
export function tell(local: LocalState, nowMs: number): Telling {
  const { verdict, about, processing } = local
  const windowS = about?.windowS ?? 2
  if (local.stoppedAtMs !== null) return { word: 'stopped', tone: 'watch', reason: { key: 'stopped' } }
  if (!verdict) return { word: 'waiting', tone: 'mute', reason: { key: 'warming', seconds: windowS } }
  const ageS = (nowMs - local.verdictAtMs) / 1000
  if (ageS > STALE_WINDOWS * windowS + 1)
    return { word: 'waiting', tone: 'watch', reason: { key: 'stale', forS: ageS } }
  if (verdict.state === 'no_signal') return { word: 'no_signal', tone: 'watch', reason: { key: 'no_signal' } }
  if (verdict.state === 'anomaly') return { word: 'anomaly', tone: 'bad', reason: { key: 'anomaly' } }
  if (verdict.state === 'unreliable') return { word: 'watch', tone: 'watch', reason: { key: 'unreliable' } }
  const what = (['agc', 'noise', 'echo'] as const).filter((name) => processing?.[name])
  if (what.length > 0) return { word: 'watch', tone: 'watch', reason: { key: 'processing', what } }
  if (!about?.hasLimit) return { word: 'no_limit', tone: 'mute', reason: { key: 'no_limit' } }
  const [last] = local.events
  if (last?.endedAtMs === null) return { word: 'watch', tone: 'watch', reason: { key: 'recovering' } }
  if (verdict.holding) return { word: 'watch', tone: 'watch', reason: { key: 'near' } }
  const calmS = (nowMs - Math.max(local.begunAtMs, last?.endedAtMs ?? 0)) / 1000
  return { word: 'normal', tone: 'ok', reason: { key: 'normal', forS: calmS } }
}
