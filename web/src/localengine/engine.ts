/** Waveform in, numbers out: a bundle's graph on onnxruntime's WebAssembly, one thread, with everything from this origin. */

import * as ort from 'onnxruntime-web/wasm'
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url'
import { LocalTrouble } from './trouble'

/** Where the engine's own file stays, so that it is there without the server. */
const STORE = 'auscult-engine'

export type Outputs = Record<string, Float32Array>

export interface Engine {
  outputs: readonly string[]
  /** One window through the graph; the context of bundles that take one. */
  run: (window: Float32Array, context: Context | null, wanted: readonly string[]) => Promise<Outputs>
  close: () => Promise<void>
}

export interface Context {
  /** `places` rows of `dim` numbers, zeros in front. */
  values: Float32Array
  places: number
  dim: number
  length: number
}

let isReady: Promise<void> | null = null

async function makeReady(): Promise<void> {
  ort.env.wasm.numThreads = 1
  ort.env.wasm.proxy = false
  ort.env.logLevel = 'error'
  ort.env.wasm.wasmBinary = await engineFile()
}

async function engineFile(): Promise<ArrayBuffer> {
  const store = globalThis.isSecureContext ? await caches.open(STORE) : null
  const kept = await store?.match(wasmUrl)
  if (kept) return kept.arrayBuffer()
  const fresh = await fetch(wasmUrl).catch(() => null)
  if (!fresh?.ok) throw new LocalTrouble('engine', { why: 'ort-wasm' })
  if (store) {
    // Of an older version of the page nothing is needed any more.
    for (const old of await store.keys()) await store.delete(old)
    await store.put(wasmUrl, fresh.clone()).catch(() => undefined) // a full disk: next time it is fetched again
  }
  return fresh.arrayBuffer()
}

export async function engineOf(model: Uint8Array): Promise<Engine> {
  isReady ??= makeReady()
  await isReady.catch((error: unknown) => {
    isReady = null
    throw error
  })
  const session = await created(model)
  return {
    outputs: session.outputNames,
    run: async (window, context, wanted) => {
      const feeds: Record<string, ort.Tensor> = {
        waveform: new ort.Tensor('float32', window, [1, window.length]),
      }
      if (context) {
        feeds.context = new ort.Tensor('float32', context.values, [1, context.places, context.dim])
        feeds.context_length = new ort.Tensor('int64', BigInt64Array.of(BigInt(context.length)), [1])
      }
      const found = await session.run(feeds, [...wanted])
      return Object.fromEntries(wanted.map((name) => [name, numbersOf(found[name])]))
    },
    close: () => session.release(),
  }
}

async function created(model: Uint8Array): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: ['wasm'],
      logSeverityLevel: 4,
      logVerbosityLevel: 0,
    })
  } catch (error) {
    throw new LocalTrouble('engine', { why: error instanceof Error ? error.message.slice(0, 200) : '' })
  }
}

function numbersOf(tensor: ort.Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new LocalTrouble('engine', { why: 'float32' })
  return tensor.data
}
