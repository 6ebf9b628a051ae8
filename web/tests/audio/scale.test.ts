import { expect, test } from 'vitest'
import { COLOURS, heightOf, hertzAt, levelOf, spanOf, ticksOf } from '../../src/audio/scale'

const span = spanOf(44_100)

test('heights and frequencies are each other’s inverse', () => {
  for (const hz of [50, 440, 4000, 16_000]) expect(hertzAt(heightOf(hz, span), span)).toBeCloseTo(hz, 6)
})

test('an axis has round numbers only, and they do not touch', () => {
  const ticks = ticksOf((hz) => heightOf(hz, span))
  expect(ticks.map(({ hz }) => hz)).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000])
  for (let i = 1; i < ticks.length; i++) {
    expect((ticks[i]?.height ?? 0) - (ticks[i - 1]?.height ?? 0)).toBeGreaterThanOrEqual(0.07)
  }
})

test('half the sample rate is the top where that is lower', () => {
  expect(spanOf(16_000).highHz).toBe(8000)
})

test('levels are clipped to the scale', () => {
  expect([levelOf(-500), levelOf(0), levelOf(-60)]).toEqual([0, 255, 128])
})

test('colours grow ever brighter: they can be read without hue', () => {
  const luminance = (i: number) =>
    0.2126 * (COLOURS[4 * i] as number) +
    0.7152 * (COLOURS[4 * i + 1] as number) +
    0.0722 * (COLOURS[4 * i + 2] as number)
  for (let i = 8; i < 256; i += 8) expect(luminance(i)).toBeGreaterThan(luminance(i - 8))
})
