/** The bundle that judges in this browser, kept for when there is no server. */

const STORE = 'auscult-bundle'
const ADDRESS = '/local/bundle'

export async function keepBundle(file: Blob): Promise<void> {
  if (!('caches' in globalThis)) return // over plain HTTP nothing is kept, and there is no microphone either
  const store = await caches.open(STORE)
  await store.put(ADDRESS, new Response(file))
}

export async function keptBundle(): Promise<ArrayBuffer | null> {
  if (!('caches' in globalThis)) return null
  const found = await caches.match(ADDRESS, { cacheName: STORE })
  return found ? found.arrayBuffer() : null
}

export async function forgetBundle(): Promise<void> {
  if ('caches' in globalThis) await caches.delete(STORE)
}
