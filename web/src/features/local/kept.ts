/** The events that this browser has found by itself. None of them is sent. */

const EVENTS = 'auscult.local.events'
export const MOST_EVENTS = 200

export interface KeptEvent {
  key: string
  begunAtMs: number
  /** `null` while it goes on. */
  endedAtMs: number | null
  peakRatio: number
  bundle: string
}

export function keepEvents(events: readonly KeptEvent[]): void {
  try {
    localStorage.setItem(EVENTS, JSON.stringify(events.slice(0, MOST_EVENTS)))
  } catch {
    // A browser that stores nothing shows them all the same until the page is closed.
  }
}

export function keptEvents(): KeptEvent[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(EVENTS) ?? '[]')
    return Array.isArray(found) ? found.filter(isEvent).slice(0, MOST_EVENTS) : []
  } catch {
    return []
  }
}

function isEvent(value: unknown): value is KeptEvent {
  if (typeof value !== 'object' || value === null) return false
  const { key, begunAtMs, endedAtMs, peakRatio, bundle } = value as Partial<Record<keyof KeptEvent, unknown>>
  const hasEnd = endedAtMs === null || typeof endedAtMs === 'number'
  const isNumbered = typeof begunAtMs === 'number' && typeof peakRatio === 'number' && hasEnd
  return isNumbered && typeof key === 'string' && typeof bundle === 'string'
}

/** Events as a table for other programs. */
export function asCsv(events: readonly KeptEvent[]): string {
  const time = (ms: number | null) => (ms === null ? '' : new Date(ms).toISOString())
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const lines = events.map(({ begunAtMs, endedAtMs, peakRatio, bundle }) =>
    [time(begunAtMs), time(endedAtMs), peakRatio.toFixed(3), quoted(bundle)].join(','),
  )
  return ['begun_at,ended_at,peak_ratio,bundle', ...lines, ''].join('\n')
}
