import { expect, test } from 'vitest'
import { COLUMNS_PER_S, ROWS, heightOf, spanOf } from '../../src/audio/scale'
import { Spectrograph } from '../../src/audio/spectrograph'

const RATE = 16_000

function tone(seconds: number, hz: number): Int16Array {
  return Int16Array.from(
    { length: seconds * RATE },
    (_, i) => 16_000 * Math.sin((2 * Math.PI * hz * i) / RATE),
  )
}

function drawn(pcm: Int16Array, block: number): { columns: number[]; first: number } {
  const graph = new Spectrograph(RATE)
  const columns: number[] = []
  let first = -1
  for (let at = 0; at < pcm.length; at += block) {
    const sound = graph.feed(pcm.subarray(at, at + block), at)
    if (first < 0 && sound.columns.length > 0) first = sound.firstColumn
    columns.push(...sound.columns)
  }
  return { columns, first }
}

test('how the sound is cut into blocks does not change the picture', () => {
  const pcm = tone(2, 1000)
  const whole = drawn(pcm, 2048)
  for (const block of [160, 1000, 7777]) expect(drawn(pcm, block)).toEqual(whole)
})

test('a tone stands in its row', () => {
  const { columns } = drawn(tone(1, 1000), 2048)
  const column = columns.slice(10 * ROWS, 11 * ROWS)
  const row = column.indexOf(Math.max(...column))
  expect(row / ROWS).toBeCloseTo(heightOf(1000, spanOf(RATE)), 1)
})

test('there are as many columns a second as there should be', () => {
  const { columns } = drawn(tone(4, 500), 2048)
  expect(columns.length / ROWS).toBeGreaterThan(3.9 * COLUMNS_PER_S)
  expect(columns.length / ROWS).toBeLessThanOrEqual(4 * COLUMNS_PER_S)
})

test('after a gap columns stand where their sound is', () => {
  const graph = new Spectrograph(RATE)
  graph.feed(tone(1, 500), 0)
  const sound = graph.feed(tone(1, 500), 5 * RATE)
  expect(sound.firstColumn).toBeGreaterThanOrEqual(5 * COLUMNS_PER_S)
  expect(sound.firstColumn).toBeLessThan(5.2 * COLUMNS_PER_S)
})

test('the waveform has the lowest and highest sample of each column', () => {
  const graph = new Spectrograph(RATE)
  const { wave } = graph.feed(tone(1, 500), 0)
  expect(wave[20]).toBeCloseTo(-16_000 / 32_768, 2)
  expect(wave[21]).toBeCloseTo(16_000 / 32_768, 2)
})
