/** The metadata of an ONNX file, and the digest over the rest of it: a reader of protobuf's outermost fields. */

import { LocalTrouble } from './trouble'

const METADATA = 14
const KEY = 1
const VALUE = 2
const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

const MAX_FIELDS = 100_000

interface Field {
  number: number
  /** Where the field begins with its tag, where its content begins, and where it ends. */
  from: number
  content: number
  to: number
}

/** A text of the metadata, and the stretch of the file that it takes. */
export interface Entry {
  value: string
  from: number
  to: number
}

export function metadataOf(file: Uint8Array): Map<string, Entry> {
  const found = new Map<string, Entry>()
  const text = new TextDecoder('utf-8', { fatal: true })
  try {
    for (const field of fieldsOf(file, 0, file.length)) {
      if (field.number !== METADATA) continue
      let key = ''
      let value = ''
      for (const part of fieldsOf(file, field.content, field.to)) {
        const content = text.decode(file.subarray(part.content, part.to))
        if (part.number === KEY) key = content
        if (part.number === VALUE) value = content
      }
      found.set(key, { value, from: field.from, to: field.to })
    }
  } catch (error) {
    if (error instanceof LocalTrouble || error instanceof TypeError) throw new LocalTrouble('no_bundle')
    throw error
  }
  return found
}

/** SHA-256 of the file without one of its fields, in hexadecimal. */
export async function digestWithout(file: Uint8Array, { from, to }: Entry): Promise<string> {
  const rest = new Uint8Array(file.length - (to - from))
  rest.set(file.subarray(0, from))
  rest.set(file.subarray(to), from)
  const digest = await crypto.subtle.digest('SHA-256', rest)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function* fieldsOf(file: Uint8Array, start: number, end: number): Generator<Field> {
  let at = start
  for (let count = 0; at < end; count++) {
    if (count === MAX_FIELDS) throw new LocalTrouble('no_bundle')
    const from = at
    const [tag, afterTag] = varint(file, at, end)
    const kind = tag % 8
    let content = afterTag
    if (kind === VARINT) at = varint(file, afterTag, end)[1]
    else if (kind === FIXED64) at = afterTag + 8
    else if (kind === FIXED32) at = afterTag + 4
    else if (kind === BYTES) {
      const [length, afterLength] = varint(file, afterTag, end)
      content = afterLength
      at = afterLength + length
    } else throw new LocalTrouble('no_bundle')
    if (at > end) throw new LocalTrouble('no_bundle')
    yield { number: Math.floor(tag / 8), from, content, to: at }
  }
}

/** A number of up to ten bytes; those too large for a double are only skipped over, never used. */
function varint(file: Uint8Array, start: number, end: number): [number, number] {
  let value = 0
  for (let i = 0; i < 10; i++) {
    const byte = file[start + i]
    if (byte === undefined || start + i >= end) break
    value += (byte % 128) * 2 ** (7 * i)
    if (byte < 128) return [value, start + i + 1]
  }
  throw new LocalTrouble('no_bundle')
}
