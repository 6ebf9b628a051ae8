import type { WayInfo } from '../../api/settings'

/** Addresses by which a phone gets here; the one that this page was opened with, if it is no name of this machine's own. */
export function waysHere(ways: readonly WayInfo[], here: string): WayInfo[] {
  const away = ways.filter(({ reach }) => reach !== 'this_machine')
  const isLocal = /^https?:\/\/(localhost|127\.|\[::1\])/.test(here)
  if (isLocal || away.some(({ address }) => address === here)) return away
  return [{ address: here, reach: 'network', has_microphone: here.startsWith('https:') }, ...away]
}
