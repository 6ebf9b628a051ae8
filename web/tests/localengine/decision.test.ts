import { expect, test } from 'vitest'
import { Decider, NOTHING } from '../../src/localengine/decision'

const sudden = { name: 'sudden', statistic: 'fast_score', votes: 1, of: 1, limit: 2, release: 1.5 } as const
const sustained = { name: 'sustained', statistic: 'score', votes: 2, of: 3, limit: 1, release: 0.8 } as const

test('the rule that is furthest over its limit decides', () => {
  const decider = new Decider([sudden, sustained])
  expect(decider.push({ fast_score: 1, score: 5 })).toEqual({
    ratio: 0.5,
    rule: 'sudden',
    over: false,
    holding: false,
    windowsBack: 0,
  })
  expect(decider.push({ fast_score: 1, score: 0.5 })).toMatchObject({ ratio: 0.5, over: false })
  expect(decider.push({ fast_score: 1, score: 3 })).toMatchObject({
    ratio: 3,
    rule: 'sustained',
    over: true,
    holding: true,
    windowsBack: 2,
  })
})

test('between release and limit it holds', () => {
  expect(new Decider([sudden]).push({ fast_score: 1.7 })).toMatchObject({ over: false, holding: true })
})

test('before the first vote is complete, and after a reset, nothing is decided', () => {
  const decider = new Decider([sustained])
  expect(decider.push({ score: 9 })).toEqual(NOTHING)
  expect(decider.push({ score: 9 }).over).toBe(true)
  decider.reset()
  expect(decider.push({ score: 9 })).toEqual(NOTHING)
  expect(new Decider([]).push({ score: 9 })).toEqual(NOTHING)
})
