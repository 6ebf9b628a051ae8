/** A recording from its bytes, decoded by the browser: one channel, at the rate that the file has where that can be told. */

import { LocalTrouble } from './trouble'

export const MAX_FILE_BYTES = 256 * 2 ** 20
const MAX_S = 600
/** For files that say their rate where only their decoder finds it. */
const USUAL_RATE_HZ = 48_000
const MIN_RATE_HZ = 8000
const MAX_RATE_HZ = 96_000

export interface Decoded {
  samples: Float32Array<ArrayBuffer>
  rateHz: number
  channels: number
}

export async function decoded(file: Blob): Promise<Decoded> {
  if (file.size > MAX_FILE_BYTES)
    throw new LocalTrouble('too_large', {
      mib: Math.round(file.size / 2 ** 20),
      most: MAX_FILE_BYTES / 2 ** 20,
    })
  const bytes = await file.arrayBuffer()
  const found = rateOf(new DataView(bytes)) ?? USUAL_RATE_HZ
  // The browser decodes to the rate of its context: at the file's own, the samples stay as they are.
  const rateHz = found >= MIN_RATE_HZ && found <= MAX_RATE_HZ ? found : USUAL_RATE_HZ
  const context = new OfflineAudioContext(1, 1, rateHz)
  const sound = await context.decodeAudioData(bytes).catch(() => {
    throw new LocalTrouble('no_sound')
  })
  if (sound.duration > MAX_S) throw new LocalTrouble('too_long', { minutes: MAX_S / 60 })
  return { samples: mono(sound), rateHz, channels: sound.numberOfChannels }
}

function mono(sound: AudioBuffer): Float32Array<ArrayBuffer> {
  const mixed = Float32Array.from(sound.getChannelData(0))
  for (let channel = 1; channel < sound.numberOfChannels; channel++)
    for (const [i, value] of sound.getChannelData(channel).entries()) mixed[i] = (mixed[i] ?? 0) + value
  if (sound.numberOfChannels > 1)
    for (let i = 0; i < mixed.length; i++) mixed[i] = (mixed[i] ?? 0) / sound.numberOfChannels
  return mixed
}

/** The sample rate in the header of a WAV or FLAC file; `null` for others. */
export function rateOf(header: DataView): number | null {
  const word = (at: number) =>
    at + 4 <= header.byteLength
      ? String.fromCharCode(...new Uint8Array(header.buffer, header.byteOffset + at, 4))
      : ''
  if (word(0) === 'fLaC' && header.byteLength > 22)
    return header.getUint16(18) * 16 + Math.floor(header.getUint8(20) / 16)
  if (word(0) !== 'RIFF' || word(8) !== 'WAVE') return null
  for (let at = 12; at + 16 <= header.byteLength;) {
    if (word(at) === 'fmt ') return header.getUint32(at + 12, true)
    at += 8 + header.getUint32(at + 4, true) + (header.getUint32(at + 4, true) % 2)
  }
  return null
}
