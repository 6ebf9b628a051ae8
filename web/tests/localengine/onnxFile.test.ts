import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { digestWithout, metadataOf } from '../../src/localengine/onnxFile'

const utf8 = new TextEncoder()

function field(number: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? utf8.encode(content) : content
  const length: number[] = []
  for (let left = bytes.length; ; left = Math.floor(left / 128)) {
    length.push(left >= 128 ? (left % 128) + 128 : left)
    if (left < 128) break
  }
  return joined(Uint8Array.of(number * 8 + 2, ...length), bytes)
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

const entry = (key: string, value: string) => field(14, joined(field(1, key), field(2, value)))
const version = Uint8Array.of(8, 9)

test('texts of the metadata are found among other fields', () => {
  const long = 'é'.repeat(100)
  const file = joined(version, field(7, Uint8Array.of(1, 2, 3)), entry('a', '1'), entry('b', long))
  const found = metadataOf(file)
  expect([...found.keys()]).toEqual(['a', 'b'])
  expect(found.get('b')?.value).toBe(long)
})

test('the digest leaves out the one entry that holds it', async () => {
  const digest = entry('digest', 'x')
  const file = joined(version, entry('a', '1'), digest, field(15, 'later'))
  const rest = joined(version, entry('a', '1'), field(15, 'later'))
  const own = metadataOf(file).get('digest')
  expect(own && (await digestWithout(file, own))).toBe(createHash('sha256').update(rest).digest('hex'))
})

test.each([
  ['a text', utf8.encode('This is a list of things to buy.')],
  ['cut off', entry('a', '1').subarray(0, 6)],
  ['a number without an end', new Uint8Array(20).fill(255)],
  ['no text', field(14, joined(field(1, 'a'), field(2, Uint8Array.of(0xff, 0xfe))))],
])('what is no such file is refused: %s', (_, file) => {
  expect(() => metadataOf(file)).toThrow('no_bundle')
})
