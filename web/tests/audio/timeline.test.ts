import { expect, test } from 'vitest'
import { COLUMNS_PER_S, ROWS } from '../../src/audio/scale'
import { Timeline } from '../../src/audio/timeline'

const RATE = 16_000
const T0 = 1_800_000_000_000

function sound(firstColumn: number, count: number, level = 100) {
  return {
    firstColumn,
    columns: new Uint8Array(count * ROWS).fill(level),
    wave: new Float32Array(2 * count),
  }
}

test('the axis begins at nought, wherever the stream is', () => {
  const timeline = new Timeline()
  timeline.addSound(sound(1_000_000, COLUMNS_PER_S), RATE, T0)
  expect(timeline.edgeS(T0)).toBeCloseTo(1)
  expect(timeline.slotOf(0)).toBeGreaterThanOrEqual(0)
  expect(timeline.newestColumn).toBe(COLUMNS_PER_S - 1)
})

test('without sound the axis goes on, and what follows leaves a gap', () => {
  const timeline = new Timeline()
  timeline.addSound(sound(0, COLUMNS_PER_S), RATE, T0)
  expect(timeline.edgeS(T0 + 5600)).toBeCloseTo(6)
  timeline.addSound(sound(COLUMNS_PER_S, COLUMNS_PER_S), RATE, T0 + 5600)
  expect(timeline.newestColumn).toBe(6 * COLUMNS_PER_S - 1)
  expect(timeline.slotOf(3 * COLUMNS_PER_S)).toBe(-1)
  expect(timeline.place(1.5)).toBeCloseTo(5.5)
})

test('a stream that begins anew is put after what is there', () => {
  const timeline = new Timeline()
  timeline.addSound(sound(500, 2 * COLUMNS_PER_S), RATE, T0)
  timeline.beginStream(T0 + 3600)
  timeline.addSound(sound(0, COLUMNS_PER_S), RATE, T0 + 4000)
  expect(timeline.newestColumn).toBeGreaterThanOrEqual(6 * COLUMNS_PER_S - 20)
  expect(timeline.slotOf(Math.round(3.5 * COLUMNS_PER_S))).toBe(-1)
})

test('results stand in order of time, each once, whenever they come', () => {
  const timeline = new Timeline()
  timeline.addSound(sound(0, COLUMNS_PER_S), RATE, T0)
  const mark = (endS: number) => ({ startS: endS - 2, endS, ratio: 0.5, state: 'normal' })
  for (const endS of [3, 2, 4, 3]) timeline.addMark(mark(endS))
  expect(timeline.marks.map(({ endS }) => endS)).toEqual([2, 3, 4])
})

test('only the last minute is kept', () => {
  const timeline = new Timeline()
  for (let second = 0; second < 100; second++) {
    timeline.addSound(sound(second * COLUMNS_PER_S, COLUMNS_PER_S), RATE, T0 + second * 1000)
    timeline.addMark({ startS: second, endS: second + 1, ratio: 0, state: 'normal' })
  }
  expect(timeline.slotOf(10 * COLUMNS_PER_S)).toBe(-1)
  expect(timeline.slotOf(99 * COLUMNS_PER_S)).toBeGreaterThanOrEqual(0)
  expect(timeline.marks.length).toBeLessThanOrEqual(64)
})

test('results that come without their sound make the axis', () => {
  const timeline = new Timeline()
  timeline.keepTime(500, T0)
  expect(timeline.edgeS(T0)).toBeCloseTo(0)
  timeline.keepTime(502, T0 + 2000)
  timeline.addMark({ startS: 500, endS: 502, ratio: 0.4, state: 'normal' })
  expect(timeline.edgeS(T0 + 2000)).toBeCloseTo(2)
  expect(timeline.marks).toMatchObject([{ startS: 0, endS: 2 }])
  expect(timeline.newestColumn).toBe(-1)
})
