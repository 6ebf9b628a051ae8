import { expect, test } from 'vitest'
import { COLUMNS_PER_S, ROWS } from '../../src/audio/scale'
import { Timeline } from '../../src/audio/timeline'
import { anomalies, gaps, runs, unjudged } from '../../src/ui/drawing'

const T0 = 1_800_000_000_000

function heard(...starts: number[]): Timeline {
  const timeline = new Timeline()
  for (const start of starts) {
    const count = COLUMNS_PER_S
    timeline.addSound(
      {
        firstColumn: start * count,
        columns: new Uint8Array(count * ROWS),
        wave: new Float32Array(2 * count),
      },
      16_000,
      T0 + start * 1000,
    )
  }
  return timeline
}

test('stretches that were heard, and the gaps between them', () => {
  const timeline = heard(0, 1, 4)
  expect(runs(timeline, 0, timeline.newestColumn)).toEqual([
    [0, 2 * COLUMNS_PER_S],
    [4 * COLUMNS_PER_S, 5 * COLUMNS_PER_S],
  ])
  expect(gaps(timeline, { endS: 5, seconds: 10 })).toEqual([[2, 4]])
})

test('the time since the last sound is a gap too', () => {
  expect(gaps(heard(0), { endS: 3, seconds: 10 })).toEqual([[1, 3]])
})

test('anomalies that touch are one band', () => {
  const timeline = heard(0)
  const mark = (startS: number, state: string) => {
    timeline.addMark({ startS, endS: startS + 2, ratio: 1, state })
  }
  mark(0, 'normal')
  mark(1, 'anomaly')
  mark(2, 'anomaly')
  mark(8, 'anomaly')
  expect(anomalies(timeline)).toEqual([
    [1, 4],
    [8, 10],
  ])
})

test('where no result came nothing was judged', () => {
  const timeline = heard(0)
  for (const endS of [2, 3, 4, 9, 10])
    timeline.addMark({ startS: endS - 2, endS, ratio: 0.5, state: 'normal' })
  expect(unjudged(timeline, { endS: 11, seconds: 30 })).toEqual([[4, 7]])
  expect(unjudged(timeline, { endS: 20, seconds: 30 })).toEqual([
    [4, 7],
    [10, 20],
  ])
})
