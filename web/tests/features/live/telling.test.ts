import { expect, test } from 'vitest'
import { FRESH, useLive, type LiveState } from '../../../src/features/live/state'
import { tell } from '../../../src/features/live/telling'

const NOW = 1_800_000_000_000

const result = {
  type: 'result' as const,
  stream: 's',
  seq: 1,
  first_sample: 0,
  start_s: 0,
  end_s: 2,
  score: 1,
  limit: 2,
  ratio: 0.5,
  state: 'normal' as const,
  holding: false,
  rule: '',
  level_db: -30,
  label: '',
  probability: null,
  is_known: null,
  infer_ms: 1,
  bands: [],
}

function live(change: Partial<LiveState>): LiveState {
  return {
    ...useLive.getInitialState(),
    ...FRESH,
    phase: 'on',
    target: { kind: 'microphone', deviceId: null },
    link: 'open',
    hasBundle: true,
    begunAtMs: NOW - 60_000,
    result,
    resultAtMs: NOW,
    ...change,
  }
}

const word = (change: Partial<LiveState>) => {
  const { word, reason } = tell(live(change), NOW)
  return `${word}: ${reason.key}`
}

test('sound, a model, a fresh result below the limit: only then it is normal', () => {
  expect(tell(live({}), NOW)).toEqual({ word: 'normal', tone: 'ok', reason: { key: 'normal', calmS: 60 } })
})

test.each<[Partial<LiveState>, string]>([
  [{ phase: 'paused' }, 'paused: paused'],
  [{ link: 'connecting', result: null }, 'waiting: connecting'],
  [{ link: 'reconnecting', linkLostAtMs: NOW - 3000, attempt: 3 }, 'reconnecting: reconnecting'],
  [{ link: 'reconnecting', linkLostAtMs: NOW - 31_000 }, 'lost: lost'],
  [{ link: 'refused', closeCode: 4403 }, 'lost: refused'],
  [{ link: 'refused', closeCode: 4405 }, 'lost: forbidden'],
  [{ link: 'reconnecting', linkLostAtMs: NOW - 1000, closeCode: 4406 }, 'reconnecting: uneven'],
  [{ stoppedAtMs: NOW - 1000 }, 'stopped: stopped'],
  [{ source: { state: 'failed', error: 'gone' } }, 'ended: source_failed'],
  [{ source: { state: 'ended', error: null } }, 'ended: source_ended'],
  [{ source: { state: 'reconnecting', error: null } }, 'reconnecting: source_reconnecting'],
  [{ health: 'silent' }, 'no_signal: no_signal'],
  [{ health: 'stuck' }, 'no_signal: no_signal'],
  [{ result: { ...result, state: 'no_signal' } }, 'no_signal: no_signal'],
  [{ hasBundle: false }, 'no_bundle: no_bundle'],
  [{ result: null }, 'waiting: warming'],
  [{ resultAtMs: NOW - 9000 }, 'waiting: stale'],
  [{ skippedWindows: 4, skippedAtMs: NOW - 1000 }, 'watch: overloaded'],
  [{ health: 'clipped' }, 'watch: clipped'],
  [{ health: 'low' }, 'watch: low'],
  [{ result: { ...result, state: 'unreliable' } }, 'watch: unreliable'],
  [{ processing: { agc: true, noise: false, echo: false } }, 'watch: processing'],
  [{ result: { ...result, holding: true } }, 'watch: near'],
  [{ eventEndedAtMs: NOW - 5000 }, 'normal: settled'],
  [{ result: { ...result, state: 'anomaly', ratio: 2 } }, 'anomaly: anomaly'],
])('%j is told as %s', (change, told) => {
  expect(word(change)).toBe(told)
})

test('an anomaly is told though the sound is clipped', () => {
  expect(word({ health: 'clipped', result: { ...result, state: 'anomaly' } })).toBe('anomaly: anomaly')
})

test('an old result never passes for the present, nor does an anomaly', () => {
  expect(word({ result: { ...result, state: 'anomaly' }, resultAtMs: NOW - 60_000 })).toBe('waiting: stale')
})
