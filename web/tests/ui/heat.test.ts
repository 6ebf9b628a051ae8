import { expect, test } from 'vitest'
import { bytesOf, valueAt } from '../../src/ui/Heat'

test('a place in a picture has a value between its edges', () => {
  const picture = { columns: 2, rows: 2, low: -10, high: 10 }
  const bytes = bytesOf(btoa(String.fromCharCode(0, 255, 51, 102)))
  expect(valueAt(picture, bytes, 0.1, 0.1)).toBe(-10)
  expect(valueAt(picture, bytes, 0.1, 0.9)).toBe(10)
  expect(valueAt(picture, bytes, 0.9, 0.1)).toBeCloseTo(-6)
  expect(valueAt(picture, bytes, 1.1, 0.1)).toBeNull()
  expect(valueAt(picture, bytes, 0.1, -0.1)).toBeNull()
})
