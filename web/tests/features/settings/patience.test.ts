import { expect, test } from 'vitest'
import { consequences, withPatience } from '../../../src/features/settings/patience'

const PATIENT = { min_on_s: 5, merge_s: 10, cooldown_s: 600 }

test('a source waits otherwise, and keeps its sensitivity', () => {
  const sources = { fan: { budget_per_day: 24, patience: null } }
  expect(withPatience(sources, 'fan', PATIENT)).toEqual({ fan: { budget_per_day: 24, patience: PATIENT } })
  expect(withPatience(sources, 'pump', PATIENT)).toEqual({
    ...sources,
    pump: { budget_per_day: null, patience: PATIENT },
  })
})

test('a source that has nothing of its own any more is not named', () => {
  const sources = {
    fan: { budget_per_day: 24, patience: PATIENT },
    pump: { budget_per_day: null, patience: PATIENT },
  }
  expect(withPatience(sources, 'pump', null)).toEqual({ fan: sources.fan })
  expect(withPatience(sources, 'fan', null)).toEqual({
    ...sources,
    fan: { budget_per_day: 24, patience: null },
  })
})

test('what follows is said of each number, also where it is nothing', () => {
  expect(consequences(PATIENT)).toEqual([
    ['means_on', 5],
    ['means_merge', 10],
    ['means_cooldown', 600],
  ])
  expect(consequences({ min_on_s: 0, merge_s: 0, cooldown_s: 0 }).map(([key]) => key)).toEqual([
    'means_on_none',
    'means_merge_none',
    'means_cooldown_none',
  ])
})
