import { expect, test } from 'vitest'
import { Windower } from '../../src/localengine/windower'

const ramp = (from: number, to: number) => Float32Array.from({ length: to - from }, (_, i) => from + i)

test.each([
  [4, 2],
  [4, 4],
  [3, 5],
  [1, 7],
])('windows of %i every %i are the same however the sound is cut', (window, hop) => {
  const whole = new Windower(window, hop).feed(ramp(0, 41))
  expect(whole.length).toBe(1 + Math.floor((41 - window) / hop))
  for (const [first, samples] of whole) expect([...samples]).toEqual([...ramp(first, first + window)])
  for (const step of [1, 3, 10]) {
    const windower = new Windower(window, hop)
    const parts = []
    for (let at = 0; at < 41; at += step) parts.push(...windower.feed(ramp(at, Math.min(at + step, 41))))
    expect(parts).toEqual(whole)
  }
})
