import { expect, test } from 'vitest'
import { PowerSpectrum } from '../../src/audio/fft'

const SIZE = 256

function sine(bin: number, amplitude: number): Float32Array {
  return Float32Array.from({ length: SIZE }, (_, i) => amplitude * Math.sin((2 * Math.PI * bin * i) / SIZE))
}

test('a full-scale sine has power 1 in its bin, and little elsewhere', () => {
  const power = new PowerSpectrum(SIZE).of(sine(20, 1))
  expect(power[20]).toBeCloseTo(1, 5)
  expect(power[19]).toBeCloseTo(0.25, 5)
  expect(power[30]).toBeLessThan(1e-9)
})

test('it equals the sum that defines it', () => {
  const samples = Float32Array.from({ length: SIZE }, (_, i) => Math.sin(i * i) / 3)
  const power = new PowerSpectrum(SIZE).of(samples)
  for (const bin of [0, 1, 37, 128]) {
    let [re, im] = [0, 0]
    for (let i = 0; i < SIZE; i++) {
      const value = (samples[i] as number) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE))
      re += value * Math.cos((2 * Math.PI * bin * i) / SIZE)
      im -= value * Math.sin((2 * Math.PI * bin * i) / SIZE)
    }
    expect(power[bin]).toBeCloseTo((re * re + im * im) * (16 / SIZE ** 2), 5)
  }
})

test('sizes are powers of two', () => {
  expect(() => new PowerSpectrum(100)).toThrow('power of two')
})
