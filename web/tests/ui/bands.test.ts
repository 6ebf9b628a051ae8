import { expect, test } from 'vitest'
import { heightAmong, partOf } from '../../src/ui/bands'

const bandsHz = [100, 200, 300, 400]

test('a centre stands in the middle of its row', () => {
  expect(heightAmong(bandsHz, 100)).toBeCloseTo(0.125)
  expect(heightAmong(bandsHz, 250)).toBeCloseTo(0.5)
  expect(heightAmong(bandsHz, 400)).toBeCloseTo(0.875)
})

test('the box of a band is within the picture', () => {
  const part = partOf(
    { low_hz: 150, high_hz: 900, start_s: 11, end_s: 30 },
    { bandsHz, startS: 10, seconds: 4 },
  )
  expect(part).toEqual({ left: 0.25, right: 1, bottom: 0.25, top: 1 })
})
