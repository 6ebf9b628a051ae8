import { expect, test } from 'vitest'
import { canGoOn, idsIn, promiseOf } from '../../src/ui/useGoingOn'

test('what is promised is rounded up, and told in days where it is rare', () => {
  expect(promiseOf(null)).toEqual({ key: 'too_early', n: 0 })
  expect(promiseOf(17.2)).toEqual({ key: 'promise_a_day', n: 18 })
  expect(promiseOf(1)).toEqual({ key: 'promise_a_day', n: 1 })
  expect(promiseOf(0.5)).toEqual({ key: 'promise', n: 172_800 })
})

test('the first one is a version, too', () => {
  const version = { bundle: 'b', made_at: '2030-01-01T12:00:00Z', heard_s: 600 }
  const info = {
    bundle: 'b',
    first: 'a',
    doing: 'listening' as const,
    heard_s: 600,
    due_s: 600,
    promised_per_day: null,
    versions: [version],
    trouble: '',
  }
  expect(idsIn(info)).toEqual(['a', 'b'])
})

test('networks, forms for small devices and what has no limits can not learn on', () => {
  const limits = [{ rule: 'sustained', limit: 1 }]
  const form = { kind: 'TFLite', of: 'a' }
  type Kept = Parameters<typeof canGoOn>[0]
  expect(canGoOn({ family: 'memory', form: null, limits } as Kept)).toBe(true)
  expect(canGoOn({ family: 'memory', form: null, limits: [] })).toBe(false)
  expect(canGoOn({ family: 'memory', form, limits } as unknown as Kept)).toBe(false)
  expect(canGoOn({ family: 'crnn', form: null, limits } as Kept)).toBe(false)
})
