import type { TFunction } from 'i18next'
import { explanationOf, type EventInfo, type Explanation } from '../api/types'
import type { Format } from './format'

const KINDS = {
  brighter: 'explain.brighter',
  duller: 'explain.duller',
  unsteadier: 'explain.unsteadier',
  steadier: 'explain.steadier',
  'more impulsive': 'explain.more_impulsive',
  'less impulsive': 'explain.less_impulsive',
} as const
const LOUDNESS = new Set(['brighter', 'duller'])

/** A change of this many dB is what is told; one below it is told by its manner alone. */
const TOLD_DB = 3
const MAX_WORDS = 2

function isKind(name: string): name is keyof typeof KINDS {
  return name in KINDS
}

/** Why it was told, in one line made of numbers: "2–4 kHz: 11 dB louder than usual (0.3 s)". */
export function whyLine(why: Explanation, t: TFunction, format: Format): string {
  return t('explain.from_to', {
    band: format.band(why.low_hz, why.high_hz),
    how: howOf(why, t, format),
    seconds: format.number(Math.max(0.1, why.end_s - why.start_s), 1),
  })
}

function howOf(why: Explanation, t: TFunction, format: Format): string {
  const change = why.change_db ?? 0
  const isTold = Math.abs(change) >= TOLD_DB
  const manner = why.kinds.filter(isKind).filter((kind) => !(isTold && LOUDNESS.has(kind)))
  const words = manner.map((kind) => t(KINDS[kind]))
  if (isTold) {
    const db = format.number(Math.abs(change))
    words.unshift(change > 0 ? t('explain.louder', { db }) : t('explain.quieter', { db }))
  }
  return words.length > 0 ? words.slice(0, MAX_WORDS).join(t('explain.joiner')) : t('explain.different')
}

/** Loudness of the whole, where it is out of the ordinary. */
export function wholeLine(why: Explanation, t: TFunction, format: Format): string | null {
  const change = why.level_change_db
  if (change === null || Math.abs(change) < TOLD_DB) return null
  const db = format.number(Math.abs(change))
  return change > 0 ? t('explain.whole_louder', { db }) : t('explain.whole_quieter', { db })
}

/** Since when it sounds different, and how: "Different since 14:02: 2–4 kHz is 6 dB louder." */
export function driftLine(
  event: Pick<EventInfo, 'begun_at' | 'explanation'>,
  t: TFunction,
  format: Format,
): string {
  const when = format.moment(new Date(event.begun_at))
  const why = explanationOf(event)
  if (!why) return t('drift.since', { when })
  return t('drift.since_how', {
    when,
    band: format.band(why.low_hz, why.high_hz),
    how: howOf(why, t, format),
  })
}
