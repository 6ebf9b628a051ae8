/** What the service worker does with a request: the page's own addresses and files, and nothing else. */

export type Way =
  /** An address of the page: from the server; without it, the page that is kept. */
  | 'page'
  /** A file that never changes: as it is kept; else from the server. */
  | 'file'
  /** Everything else: as if there were no service worker. What the server says is never kept. */
  | 'leave'

const NOT_THE_PAGE = ['api', 'ws', 'docs', 'metrics', 'inference']
const CACHE = 'auscult-page-'
/** A page of yesterday's version finds its files here. */
const KEPT_VERSIONS = 2

interface Asked {
  method: string
  mode: string
  url: string
}

export function wayOf({ method, mode, url }: Asked, origin: string): Way {
  const { origin: asked, pathname } = new URL(url)
  if (method !== 'GET' || asked !== origin) return 'leave'
  const [first = ''] = pathname.slice(1).split('/')
  if (NOT_THE_PAGE.includes(first)) return 'leave'
  if (mode === 'navigate') return 'page'
  // The engine is large, and kept by who runs it.
  if (first === 'assets') return pathname.endsWith('.wasm') ? 'leave' : 'file'
  return 'leave'
}

export function cacheName(version: string): string {
  return CACHE + version
}

/** Of all caches, oldest first, those of the page that may go. */
export function outdated(names: readonly string[], current: string): string[] {
  const others = names.filter((name) => name.startsWith(CACHE) && name !== current)
  return others.slice(0, Math.max(0, others.length - (KEPT_VERSIONS - 1)))
}

/** A form that asks for a key stands in the page's place for who has none; it is not the page. */
export function mayKeep({
  ok,
  redirected,
  headers,
}: Pick<Response, 'ok' | 'redirected' | 'headers'>): boolean {
  return ok && !redirected && !(headers.get('cache-control') ?? '').includes('no-store')
}
