import { expect, test } from 'vitest'
import { loudnessOf } from '../../src/localengine/health'

const tone = (amplitude: number, offset = 0) =>
  Float32Array.from({ length: 1600 }, (_, i) => offset + amplitude * Math.sin(i / 5))

test('a tone is well, and as loud as it is', () => {
  const { health, levelDb } = loudnessOf(tone(0.1))
  expect(health).toBe('ok')
  expect(levelDb).toBeCloseTo(-23, 0)
})

test('silence and a stuck input are no sound', () => {
  expect(loudnessOf(new Float32Array(100))).toEqual({ health: 'no_signal', levelDb: -Infinity })
  expect(loudnessOf(new Float32Array(100).fill(0.5)).health).toBe('no_signal')
  expect(loudnessOf(tone(1e-6, 0.3)).health).toBe('no_signal')
})

test('clipped and broken sound cannot be judged', () => {
  expect(loudnessOf(tone(3).map((value) => Math.max(-1, Math.min(1, value)))).health).toBe('unreliable')
  expect(loudnessOf(tone(3).map((value) => Math.max(-0.4, Math.min(0.4, value)))).health).toBe('unreliable')
  expect(loudnessOf(tone(0.1).fill(NaN, 5, 6)).health).toBe('unreliable')
})

test('quiet sound of a converter with few steps is not clipped', () => {
  expect(loudnessOf(tone(2 / 32768).map((value) => Math.round(value * 32768) / 32768)).health).toBe('ok')
})
