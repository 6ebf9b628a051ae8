import { beforeAll, expect, test, vi } from 'vitest'
import type { WindowVerdict } from '../../../src/localengine/scorer'
import type { LocalState } from '../../../src/features/local/state'

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
let tell: typeof import('../../../src/features/local/telling').tell
let kept: typeof import('../../../src/features/local/kept')
let fresh: LocalState

const verdict: WindowVerdict = {
  startS: 0,
  endS: 2,
  score: 0.5,
  fastScore: 0.5,
  ratio: 0.5,
  rule: 'sudden',
  state: 'normal',
  holding: false,
  sinceS: null,
  levelDb: -30,
  label: '',
  probability: null,
  isKnown: null,
}

beforeAll(async () => {
  tell = (await import('../../../src/features/local/telling')).tell
  kept = await import('../../../src/features/local/kept')
  const { useLocal } = await import('../../../src/features/local/state')
  const about = {
    name: 'fan',
    family: 'memory',
    rateHz: 16_000,
    windowS: 2,
    hopS: 1,
    hasLimit: true,
    heardS: 60,
    difference: 0,
  }
  fresh = { ...useLocal.getState(), about, verdict, verdictAtMs: 1000, begunAtMs: 0 }
})

test('only a fresh verdict on sound that can be trusted is normal', () => {
  const word = (change: Partial<LocalState>, nowMs = 2000) => tell({ ...fresh, ...change }, nowMs).word
  expect(word({})).toBe('normal')
  expect(word({ verdict: null })).toBe('waiting')
  expect(word({}, 60_000)).toBe('waiting')
  expect(word({ stoppedAtMs: 1500 })).toBe('stopped')
  expect(word({ verdict: { ...verdict, state: 'no_signal' } })).toBe('no_signal')
  expect(word({ verdict: { ...verdict, state: 'unreliable' } })).toBe('watch')
  expect(word({ verdict: { ...verdict, state: 'anomaly' } })).toBe('anomaly')
  expect(word({ verdict: { ...verdict, holding: true } })).toBe('watch')
  expect(word({ processing: { agc: true, noise: false, echo: false } })).toBe('watch')
  const event = { key: 'a', begunAtMs: 0, endedAtMs: null, peakRatio: 2, bundle: 'fan' }
  expect(word({ events: [event] })).toBe('watch')
  expect(word({ events: [{ ...event, endedAtMs: 900 }] })).toBe('normal')
  expect(word({ about: fresh.about && { ...fresh.about, hasLimit: false } })).toBe('no_limit')
})

test('events are a table for other programs', () => {
  const table = kept.asCsv([
    { key: 'a', begunAtMs: 0, endedAtMs: 1500, peakRatio: 1.2345, bundle: 'the "old" fan' },
    { key: 'b', begunAtMs: 0, endedAtMs: null, peakRatio: 2, bundle: 'fan' },
  ])
  expect(table).toBe(
    [
      'begun_at,ended_at,peak_ratio,bundle',
      '1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.500Z,1.234,"the ""old"" fan"',
      '1970-01-01T00:00:00.000Z,,2.000,"fan"',
      '',
    ].join('\n'),
  )
})

test('what is no list of events is none', () => {
  const read = (text: string) => {
    vi.stubGlobal('localStorage', { getItem: () => text })
    return kept.keptEvents()
  }
  const event = { key: 'a', begunAtMs: 0, endedAtMs: null, peakRatio: 1, bundle: 'fan' }
  expect(read('{')).toEqual([])
  expect(read('{}')).toEqual([])
  expect(read(JSON.stringify([event, { ...event, begunAtMs: 'now' }, null]))).toEqual([event])
})
