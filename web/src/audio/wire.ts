/** Binary messages: a header of 24 bytes, little-endian, then 16-bit samples of one channel. */

export const HEADER_BYTES = 24
export const GAP = 1
export const LATE = 2

export interface Frame {
  /** `GAP`: sound is missing before it; `LATE`: it waited for the connection. */
  flags: number
  seq: number
  firstSample: number
  /** When its last sample was captured, in milliseconds since 1970. */
  capturedMs: number
  pcm: Int16Array
}

export function encode(frame: Frame): ArrayBuffer {
  const buffer = new ArrayBuffer(HEADER_BYTES + frame.pcm.byteLength)
  const view = new DataView(buffer)
  view.setUint8(0, 1)
  view.setUint8(1, 1)
  view.setUint16(2, frame.flags, true)
  view.setUint32(4, frame.seq, true)
  view.setBigUint64(8, BigInt(frame.firstSample), true)
  view.setFloat64(16, frame.capturedMs, true)
  new Int16Array(buffer, HEADER_BYTES).set(frame.pcm)
  return buffer
}

/** The frame in a message, or `null` if it is none of ours. */
export function decode(buffer: ArrayBuffer): Frame | null {
  if (buffer.byteLength < HEADER_BYTES || buffer.byteLength % 2 !== 0) return null
  const view = new DataView(buffer)
  if (view.getUint8(0) !== 1 || view.getUint8(1) !== 1) return null
  return {
    flags: view.getUint16(2, true),
    seq: view.getUint32(4, true),
    firstSample: Number(view.getBigUint64(8, true)),
    capturedMs: view.getFloat64(16, true),
    pcm: new Int16Array(buffer, HEADER_BYTES),
  }
}
