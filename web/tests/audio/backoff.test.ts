import { expect, test } from 'vitest'
import { waitMs } from '../../src/audio/backoff'

test('waits grow from half a second to fifteen', () => {
  const waits = Array.from({ length: 8 }, (_, attempt) => waitMs(attempt, 1))
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
})

test('chance takes up to a quarter away', () => {
  expect(waitMs(0, 0)).toBe(375)
})
