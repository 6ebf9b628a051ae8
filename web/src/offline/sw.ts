/**
 * The service worker: keeps the files of the page, so that it opens without its server. It never takes over while an older
 * page is open unless somebody there asks for it, and never touches what the server says.
 */

import { cacheName, mayKeep, outdated, wayOf } from './rules'

/** Written in by the build: every file of the page but the engine, and a digest of their names. */
declare const __PAGE_FILES__: string[]
declare const __PAGE_VERSION__: string

interface ExtendableEvent extends Event {
  waitUntil: (work: Promise<unknown>) => void
}
interface FetchEvent extends ExtendableEvent {
  request: Request
  respondWith: (answer: Promise<Response>) => void
}
interface Scope {
  addEventListener: (<T extends Event>(name: string, listener: (event: T) => void) => void) & {}
  skipWaiting: () => Promise<void>
  registration: { active: unknown }
  clients: {
    claim: () => Promise<void>
    matchAll: (options: { type: 'window' }) => Promise<{ focus: () => Promise<unknown> }[]>
    openWindow: (url: string) => Promise<unknown>
  }
}

const scope = self as unknown as Scope
const cache = cacheName(__PAGE_VERSION__)
const SHELL = '/'

async function install(): Promise<void> {
  const store = await caches.open(cache)
  await Promise.all(
    [SHELL, ...__PAGE_FILES__].map(async (address) => {
      const answer = await fetch(address, { cache: address.startsWith('/assets/') ? 'default' : 'no-cache' })
      if (!mayKeep(answer)) throw new Error(`${address} is not there`)
      await store.put(address, answer)
    }),
  )
}

async function activate(): Promise<void> {
  for (const name of outdated(await caches.keys(), cache)) await caches.delete(name)
  await scope.clients.claim()
}

async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const kept = await (await caches.open(cache)).match(SHELL)
    if (kept) return kept
    throw error
  }
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}

scope.addEventListener('install', (event: ExtendableEvent) => {
  event.waitUntil(install())
})

scope.addEventListener('activate', (event: ExtendableEvent) => {
  event.waitUntil(activate())
})

scope.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (data === 'take over') void scope.skipWaiting()
})

scope.addEventListener('fetch', (event: FetchEvent) => {
  const way = wayOf(event.request, location.origin)
  if (way === 'page') event.respondWith(page(event.request))
  else if (way === 'file') event.respondWith(file(event.request))
})

// A notification that is clicked leads to the page.
scope.addEventListener('notificationclick', (event: ExtendableEvent) => {
  const { notification } = event as unknown as { notification: { close: () => void } }
  notification.close()
  event.waitUntil(
    scope.clients
      .matchAll({ type: 'window' })
      .then(([first]) => (first ? first.focus() : scope.clients.openWindow(SHELL))),
  )
})
