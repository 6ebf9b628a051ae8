import { expect, test } from 'vitest'
import { binsOf } from '../../../src/features/events/bins'

test('every time falls into one part, the ends included', () => {
  expect(binsOf([0, 1, 5, 9.9, 10], 0, 10, 5)).toEqual([2, 0, 1, 0, 2])
})
