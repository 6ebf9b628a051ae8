/** A bundle from its bytes: checked as far as a browser can, and not yet run. */

import { manifestOf, type Manifest } from './manifest'
import { digestWithout, metadataOf } from './onnxFile'
import { LocalTrouble } from './trouble'

export const MAX_BUNDLE_BYTES = 128 * 2 ** 20
const MAX_TEXT = 64 * 2 ** 20
const MANIFEST = 'auscult.manifest'
const ARRAYS = 'auscult.arrays'
const DIGEST = 'auscult.sha256'
/** Of a TFLite file, which only a device's own engine reads. */
const TFLITE = 'TFL3'

/** A window that any engine must give the same scores for. */
export interface ReferenceWindow {
  samples: Float32Array
  /** Embeddings of the windows before it, newest last. */
  context: Float32Array[]
}

export interface BundleFile {
  manifest: Manifest
  references: ReferenceWindow[]
  model: Uint8Array
}

export async function bundleOf(file: Uint8Array): Promise<BundleFile> {
  if (file.length > MAX_BUNDLE_BYTES)
    throw new LocalTrouble('too_large', { mib: Math.round(file.length / 2 ** 20), most: 128 })
  if (String.fromCharCode(...file.subarray(4, 8)) === TFLITE) throw new LocalTrouble('tflite')
  const entries = metadataOf(file)
  const manifestText = entries.get(MANIFEST)
  if (!manifestText) throw new LocalTrouble('no_manifest')
  const manifest = manifestOf(manifestText.value)
  if (manifest.family === 'embedder') throw new LocalTrouble('only_embeds', { name: manifest.name })
  const digest = entries.get(DIGEST)
  // Over plain HTTP a page may not compute digests; the reference windows still prove the bundle.
  if (globalThis.isSecureContext && (!digest || (await digestWithout(file, digest)) !== digest.value))
    throw new LocalTrouble('changed')
  const arrays = arraysOf(entries.get(ARRAYS)?.value ?? '{}')
  const references = manifest.references.map((_, i) => referenceOf(arrays, i, manifest))
  return { manifest, references, model: file }
}

interface Stored {
  dtype: string
  shape: number[]
  data: string
}

function arraysOf(text: string): Partial<Record<string, Stored>> {
  if (text.length > MAX_TEXT) throw new LocalTrouble('broken_manifest', { field: ARRAYS })
  try {
    return JSON.parse(text) as Partial<Record<string, Stored>>
  } catch {
    throw new LocalTrouble('broken_manifest', { field: ARRAYS })
  }
}

function referenceOf(
  arrays: Partial<Record<string, Stored>>,
  index: number,
  manifest: Manifest,
): ReferenceWindow {
  const name = `reference.${index}.waveform`
  const waveform = arrays[name]
  const pcm = waveform && pcmOf(waveform)
  if (!pcm) throw new LocalTrouble('broken_manifest', { field: name })
  if (pcm.length < manifest.min_window_samples || pcm.length > manifest.window_samples)
    throw new LocalTrouble('broken_manifest', { field: name })
  const samples = Float32Array.from(pcm, (value) => value / 32768)
  return { samples, context: contextOf(arrays[`reference.${index}.context`], manifest) }
}

function pcmOf(stored: Stored): Int16Array | undefined {
  const bytes = bytesOf(stored)
  if (stored.dtype === 'int16') return new Int16Array(bytes)
  if (stored.dtype === 'int8') return Int16Array.from(new Int8Array(bytes), expanded)
  return undefined
}

/** The sample that a code of eight bits stands for (μ-law). */
export function expanded(code: number): number {
  const level = (256 ** (Math.abs(code) / 127) - 1) / 255
  return Math.sign(code) * Math.min(32767, Math.round(32767 * level))
}

function contextOf(stored: Stored | undefined, { context, dim }: Manifest): Float32Array[] {
  if (!stored) return []
  const values = numbersOf(stored)
  const rows = values.length / dim
  if (!Number.isInteger(rows) || rows > context)
    throw new LocalTrouble('broken_manifest', { field: 'context' })
  return Array.from({ length: rows }, (_, row) => values.subarray(row * dim, (row + 1) * dim))
}

function numbersOf(stored: Stored): Float32Array {
  const bytes = bytesOf(stored)
  if (stored.dtype === 'float32') return new Float32Array(bytes)
  if (stored.dtype === 'float16') return Float32Array.from(new Uint16Array(bytes), halfOf)
  throw new LocalTrouble('broken_manifest', { field: 'context' })
}

function bytesOf(stored: Stored): ArrayBuffer {
  try {
    return Uint8Array.from(atob(stored.data), (letter) => letter.charCodeAt(0)).buffer
  } catch {
    throw new LocalTrouble('broken_manifest', { field: ARRAYS })
  }
}

/** A number of 16 bits. */
export function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = (bits & 1023) / 1024
  if (exponent === 0) return sign * fraction * 2 ** -14
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction) * 2 ** (exponent - 15)
}
