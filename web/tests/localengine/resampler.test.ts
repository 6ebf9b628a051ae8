import { expect, test } from 'vitest'
import { Resampler, resampled } from '../../src/localengine/resampler'

const RATES = [
  [44_100, 16_000],
  [48_000, 16_000],
  [16_000, 44_100],
  [22_050, 16_000],
] as const

function tone(hz: number, rateHz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: rateHz * seconds }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rateHz))
}

function levelDb(samples: Float32Array): number {
  const inner = samples.subarray(samples.length * 0.25, samples.length * 0.75)
  return 10 * Math.log10(inner.reduce((sum, value) => sum + 2 * value * value, 0) / inner.length + 1e-20)
}

test.each(RATES)('from %i to %i Hz what passes stays as it is', (from, to) => {
  for (const hz of [100, 1000, 0.45 * Math.min(from, to)]) {
    const expected = tone(hz, to, 1)
    const found = resampled(tone(hz, from, 1), from, to)
    expect(found.length).toBe(to)
    const inner = found.subarray(to * 0.25, to * 0.75)
    const worst = Math.max(...inner.map((value, i) => Math.abs(value - (expected[i + to * 0.25] as number))))
    expect(worst).toBeLessThan(1e-3)
  }
})

test.each([
  [44_100, 16_000],
  [48_000, 16_000],
])('from %i to %i Hz nothing from above is mirrored down', (from, to) => {
  for (const hz of [0.505 * to, 0.6 * to, 0.9 * to])
    expect(levelDb(resampled(tone(hz, from, 1), from, to))).toBeLessThan(-100)
})

test.each(RATES)('from %i to %i Hz it is the same however the sound is cut', (from, to) => {
  const sound = tone(440, from, 0.5)
  const whole = resampled(sound, from, to)
  for (const step of [128, 2048]) {
    const resampler = new Resampler(from, to)
    const parts: number[] = []
    for (let at = 0; at < sound.length; at += step) parts.push(...resampler.feed(sound.slice(at, at + step)))
    parts.push(...resampler.close(sound.length))
    expect(parts).toEqual([...whole])
  }
})

test('at its own rate sound passes through', () => {
  const sound = tone(440, 16_000, 0.1)
  expect(resampled(sound, 16_000, 16_000)).toBe(sound)
})
