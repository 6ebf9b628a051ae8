import { expect, test, vi } from 'vitest'

vi.hoisted(() => {
  Object.assign(globalThis, { localStorage: { getItem: () => null } })
})

const { judgeOf } = await import('../../../src/features/live/useJudge')

const own = { id: 'own', active: true }
const fan = { id: 'simulated-fan', active: false }
const sources = [
  { stream: 'demo', bundle: 'simulated-fan' },
  { stream: 'mic-1', bundle: null },
]

test('the simulated machine is judged by its own model, and nothing else is', () => {
  expect(judgeOf([own, fan], sources, 'demo')).toBe(fan)
  expect(judgeOf([own, fan], sources, 'mic-1')).toBe(own)
  expect(judgeOf([own, fan], sources, null)).toBe(own)
  expect(judgeOf([fan], sources, null)).toBeUndefined()
})

test('until it is known what a source names, no model is taken for its judge', () => {
  expect(judgeOf([own, fan], undefined, 'demo')).toBeUndefined()
  expect(judgeOf(undefined, sources, null)).toBeUndefined()
})
