import { UNEVEN } from '../../audio/listening'
import type { LiveState } from './state'

/** How it is, in a word. Only `normal` claims that all is well. */
export type Word =
  | 'normal'
  | 'watch'
  | 'anomaly'
  | 'no_signal'
  | 'waiting'
  | 'paused'
  | 'reconnecting'
  | 'lost'
  | 'stopped'
  | 'no_bundle'
  | 'ended'

export type Tone = 'ok' | 'watch' | 'bad' | 'mute'

/** The reason beside it: a key among the texts below `why`, and the numbers in it. */
export type Reason =
  | { key: 'normal'; calmS: number }
  | { key: 'warming'; seconds: number }
  | { key: 'reconnecting' | 'reconnecting_watch'; n: number }
  | { key: 'lost' | 'stale'; forS: number }
  | { key: 'refused'; code: number }
  | { key: 'overloaded'; n: number }
  | { key: 'processing'; what: ('agc' | 'noise' | 'echo')[] }
  | { key: 'source_failed'; error: string }
  | {
      key:
        | 'settled'
        | 'anomaly'
        | 'near'
        | 'recovering'
        | 'no_signal'
        | 'unreliable'
        | 'clipped'
        | 'low'
        | 'dc'
        | 'wrong_rate'
        | 'connecting'
        | 'uneven'
        | 'forbidden'
        | 'paused'
        | 'stopped'
        | 'no_bundle'
        | 'source_ended'
        | 'source_reconnecting'
        | 'source_stopped'
    }

export interface Telling {
  word: Word
  tone: Tone
  reason: Reason
}

/** The key is known, but may not do this. */
const FORBIDDEN = 4405
const LOST_AFTER_MS = 30_000
const OVERLOADED_FOR_MS = 15_000
const SETTLED_FOR_MS = 20_000
const STALE_WINDOWS = 3

const SILENT = new Set(['silent', 'stuck', 'no_signal', 'channel_dead'])

/** The one thing to be told now. What makes a judgement doubtful comes before the judgement. */
export function tell(live: LiveState, nowMs: number): Telling {
  return (
    connectionOf(live, nowMs) ??
    sourceOf(live) ??
    soundOf(live) ??
    doubtOf(live, nowMs) ??
    judgementOf(live, nowMs)
  )
}

function connectionOf(live: LiveState, nowMs: number): Telling | null {
  if (live.phase === 'paused') return { word: 'paused', tone: 'mute', reason: { key: 'paused' } }
  if (live.link === 'refused') {
    const code = live.closeCode ?? 0
    return {
      word: 'lost',
      tone: 'bad',
      reason: code === FORBIDDEN ? { key: 'forbidden' } : { key: 'refused', code },
    }
  }
  if (live.linkLostAtMs !== null) {
    const lostMs = nowMs - live.linkLostAtMs
    if (lostMs > LOST_AFTER_MS)
      return { word: 'lost', tone: 'bad', reason: { key: 'lost', forS: lostMs / 1000 } }
    if (live.closeCode === UNEVEN) return { word: 'reconnecting', tone: 'watch', reason: { key: 'uneven' } }
    const key = live.target?.kind === 'microphone' ? 'reconnecting' : 'reconnecting_watch'
    return { word: 'reconnecting', tone: 'watch', reason: { key, n: Math.max(1, live.attempt) } }
  }
  if (live.stoppedAtMs !== null) return { word: 'stopped', tone: 'watch', reason: { key: 'stopped' } }
  if (live.link === 'connecting') return { word: 'waiting', tone: 'mute', reason: { key: 'connecting' } }
  return null
}

function sourceOf(live: LiveState): Telling | null {
  switch (live.source?.state) {
    case 'failed':
      return { word: 'ended', tone: 'bad', reason: { key: 'source_failed', error: live.source.error ?? '' } }
    case 'ended':
      return { word: 'ended', tone: 'mute', reason: { key: 'source_ended' } }
    case 'stopped':
      return { word: 'ended', tone: 'mute', reason: { key: 'source_stopped' } }
    case 'reconnecting':
      return { word: 'reconnecting', tone: 'watch', reason: { key: 'source_reconnecting' } }
    default:
      return null
  }
}

function soundOf(live: LiveState): Telling | null {
  const isSilent = SILENT.has(live.health) || live.result?.state === 'no_signal'
  if (isSilent) return { word: 'no_signal', tone: 'watch', reason: { key: 'no_signal' } }
  if (live.hasBundle === false) return { word: 'no_bundle', tone: 'mute', reason: { key: 'no_bundle' } }
  return null
}

function doubtOf(live: LiveState, nowMs: number): Telling | null {
  if (live.result === null)
    return { word: 'waiting', tone: 'mute', reason: { key: 'warming', seconds: live.windowS } }
  const ageMs = nowMs - live.resultAtMs
  if (ageMs > 1000 * (STALE_WINDOWS * live.windowS + 1)) {
    return { word: 'waiting', tone: 'watch', reason: { key: 'stale', forS: ageMs / 1000 } }
  }
  if (isAnomaly(live)) return null
  if (live.skippedAtMs !== null && nowMs - live.skippedAtMs < OVERLOADED_FOR_MS) {
    return { word: 'watch', tone: 'watch', reason: { key: 'overloaded', n: live.skippedWindows } }
  }
  const doubt = doubtfulSound(live)
  return doubt && { word: 'watch', tone: 'watch', reason: doubt }
}

function doubtfulSound(live: LiveState): Reason | null {
  const { health, processing, result } = live
  if (health === 'clipped' || health === 'low' || health === 'dc' || health === 'wrong_rate')
    return { key: health }
  if (result?.state === 'unreliable') return { key: 'unreliable' }
  const what = (['agc', 'noise', 'echo'] as const).filter((name) => processing?.[name])
  return what.length > 0 ? { key: 'processing', what } : null
}

function judgementOf(live: LiveState, nowMs: number): Telling {
  if (isAnomaly(live)) return { word: 'anomaly', tone: 'bad', reason: { key: 'anomaly' } }
  if (live.openEvent !== null) return { word: 'watch', tone: 'watch', reason: { key: 'recovering' } }
  if (live.result?.holding) return { word: 'watch', tone: 'watch', reason: { key: 'near' } }
  const endedMs = live.eventEndedAtMs === null ? null : nowMs - live.eventEndedAtMs
  if (endedMs !== null && endedMs < SETTLED_FOR_MS)
    return { word: 'normal', tone: 'ok', reason: { key: 'settled' } }
  const calmSinceMs = Math.max(live.begunAtMs, live.eventEndedAtMs ?? 0)
  return { word: 'normal', tone: 'ok', reason: { key: 'normal', calmS: (nowMs - calmSinceMs) / 1000 } }
}

function isAnomaly(live: LiveState): boolean {
  return live.result?.state === 'anomaly'
}
