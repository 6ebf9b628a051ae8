import { expect, test } from 'vitest'
import { rateOf } from '../../src/localengine/decode'

function bytes(...parts: (string | readonly number[])[]): DataView {
  const all = parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part))
  return new DataView(Uint8Array.from(all).buffer)
}

const fmt = ['fmt ', [16, 0, 0, 0], [1, 0, 1, 0], [0x80, 0x3e, 0, 0], new Array<number>(8).fill(0)] as const

test('the rate stands in the header of a WAV file, whatever comes before it', () => {
  expect(rateOf(bytes('RIFF', [0, 0, 0, 0], 'WAVE', ...fmt))).toBe(16_000)
  expect(rateOf(bytes('RIFF', [0, 0, 0, 0], 'WAVE', 'JUNK', [3, 0, 0, 0], [1, 2, 3, 0], ...fmt))).toBe(16_000)
})

test('the rate of a FLAC file takes twenty bits', () => {
  expect(rateOf(bytes('fLaC', new Array<number>(14).fill(0), [0x0a, 0xc4, 0x42], [0, 0, 0]))).toBe(44_100)
})

test.each([
  '',
  'RIFF',
  'RIFF....WAVE',
  'OggS............................',
  'This is a list of things to buy.',
])('no rate: %s', (text) => {
  expect(rateOf(bytes(text))).toBeNull()
})
