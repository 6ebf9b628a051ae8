import { expect, test } from 'vitest'
import { GAP, HEADER_BYTES, LATE, decode, encode } from '../../src/audio/wire'

const frame = {
  flags: GAP | LATE,
  seq: 7,
  firstSample: 2 ** 40 + 3,
  capturedMs: 1.5,
  pcm: Int16Array.of(-32768, 0, 32767),
}

test('a frame comes back as it was', () => {
  expect(decode(encode(frame))).toEqual(frame)
})

test('the header is 24 bytes, little-endian, version and kind first', () => {
  const bytes = new Uint8Array(encode({ ...frame, flags: 2, seq: 0x01020304, firstSample: 5 }))
  expect([...bytes.slice(0, 16)]).toEqual([1, 1, 2, 0, 4, 3, 2, 1, 5, 0, 0, 0, 0, 0, 0, 0])
  expect(bytes.length).toBe(HEADER_BYTES + 6)
})

test.each([0, 23, 25])('%i bytes are no frame', (bytes) => {
  expect(decode(new ArrayBuffer(bytes))).toBeNull()
})

test('another version is no frame of ours', () => {
  const buffer = encode(frame)
  new Uint8Array(buffer)[0] = 2
  expect(decode(buffer)).toBeNull()
})
