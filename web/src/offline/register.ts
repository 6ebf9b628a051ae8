import { create } from 'zustand'

const WORKER = '/sw.js'
/** The first seconds belong to the page itself. */
const BEGIN_AFTER_MS = 3000
const LOOK_EVERY_MS = 3_600_000

interface Versions {
  /** A newer version of the page is there, and waits. */
  waiting: ServiceWorker | null
  /** A part of the page could not be loaded any more: the server has a newer version, and nothing was kept. */
  isOutdated: boolean
}

export const useVersions = create<Versions>()(() => ({ waiting: null, isOutdated: false }))

/** Keep the page for when the server is away, and look for newer versions of it. */
export function startOffline(): void {
  window.addEventListener('vite:preloadError', () => {
    useVersions.setState({ isOutdated: true })
  })
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  setTimeout(() => {
    // Without its key, or on a certificate that the browser does not trust, the page goes on without being kept.
    navigator.serviceWorker.register(WORKER).then(watch, () => undefined)
  }, BEGIN_AFTER_MS)
}

function watch(registration: ServiceWorkerRegistration): void {
  const look = () => {
    // The very first one waits for nobody, and there is nothing older to leave.
    if (navigator.serviceWorker.controller) useVersions.setState({ waiting: registration.waiting })
  }
  look()
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look)
  })
  let lookedAtMs = Date.now()
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || Date.now() - lookedAtMs < LOOK_EVERY_MS) return
    lookedAtMs = Date.now()
    registration.update().catch(() => undefined) // the server is away: the next time will do
  })
}

/** Only ever in a click: the page is loaded anew, and what it listens to stops. */
export function update(): void {
  const { waiting } = useVersions.getState()
  // In another tab it may have been let in already: it waits no more, and nothing would change any more here.
  if (waiting?.state !== 'installed') {
    location.reload()
    return
  }
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    location.reload()
  })
  waiting.postMessage('take over')
}
