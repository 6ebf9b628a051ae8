import { expect, test } from 'vitest'
import {
  depthOf,
  hertzIn,
  isJudged,
  outline,
  peakOf,
  stretches,
  windowAt,
} from '../../../src/features/inspect/reading'

const window = (start_s: number, end_s: number) => ({
  start_s,
  end_s,
  score: 1,
  ratio: 0.5,
  state: 'normal' as const,
  rule: '',
  level_db: -30,
  label: '',
  probability: null,
  is_known: null,
})

const WINDOWS = [window(0, 2), window(1, 3), window(2, 4)]

test('each window takes the stretch that it ends', () => {
  expect(stretches(WINDOWS).map(({ fromS, toS }) => [fromS, toS])).toEqual([
    [0, 2],
    [2, 3],
    [3, 4],
  ])
  for (const { fromS, toS, window } of stretches(WINDOWS)) {
    expect(windowAt(WINDOWS, (fromS + toS) / 2)).toBe(window)
  }
  expect(windowAt(WINDOWS, 9)).toBe(WINDOWS[2])
  expect(windowAt([], 1)).toBeNull()
})

test('what was not judged is neither', () => {
  expect(isJudged({ state: 'anomaly' })).toBe(true)
  expect(isJudged({ state: 'no_signal' })).toBe(false)
})

test('a height is a row', () => {
  expect([0, 0.4, 0.99, 1].map((height) => hertzIn([100, 200, 400], height))).toEqual([100, 200, 400, 400])
  expect(hertzIn([], 0.5)).toBeNull()
})

test('an outline goes along the top and back along the bottom, and fills its box', () => {
  expect(outline({ low: [-1, -0.5], high: [0, 0.5] })).toBe('M0 1.000L1 0.500L1 1.500L0 2.000Z')
  expect(outline({ low: [-0.1, -0.05], high: [0, 0.05] })).toBe('M0 1.000L1 0.500L1 1.500L0 2.000Z')
  expect(outline({ low: [0], high: [0] })).toBe('M0 1.000L0 1.000Z')
  expect(peakOf({ low: [-0.1, -0.5], high: [0, 0.2] })).toBe(0.5)
})

test('layers stand near the sound, in the middle or near the answer', () => {
  expect([0, 1, 2, 3, 4].map((i) => depthOf(i, 5))).toEqual(['early', 'early', 'middle', 'late', 'late'])
  expect(depthOf(0, 2)).toBe('early')
  expect(depthOf(1, 2)).toBe('late')
  expect(depthOf(0, 1)).toBe('late')
})
