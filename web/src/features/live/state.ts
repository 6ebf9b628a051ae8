import { create } from 'zustand'
import type { Result } from '../../api/messages'
import type { EventInfo, SourceInfo } from '../../api/types'
import type { Processing, Refusal } from '../../audio/capture'
import type { Link } from '../../audio/listening'

export type Target =
  { kind: 'microphone'; deviceId: string | null } | { kind: 'source'; stream: string; name: string }

/** What the screen knows of the present. Pictures are drawn from the session's timeline, not from here. */
export interface LiveState {
  phase: 'idle' | 'asking' | 'refused' | 'on' | 'paused'
  target: Target | null
  refusal: Refusal | null
  deviceName: string
  stream: string | null
  processing: Processing | null
  begunAtMs: number
  link: Link
  attempt: number
  closeCode: number | null
  /** Since when there is no connection. */
  linkLostAtMs: number | null
  /** Since when the browser gives no sound. */
  stoppedAtMs: number | null
  /** For how long it gave none, told until dismissed. */
  wasStoppedForS: number | null
  hasBundle: boolean | null
  /** Results come with the sound that they are of. */
  hasSound: boolean
  bundleName: string | null
  windowS: number
  changedTo: string | null
  /** As the server calls it; `ok` if all is well. */
  health: string
  result: Result | null
  resultAtMs: number
  latencyMs: number | null
  /** When the last sample of the result's window was captured. */
  capturedMs: number | null
  levelDb: number | null
  peak: number
  rateHz: number
  droppedS: number
  openEvent: EventInfo | null
  eventEndedAtMs: number | null
  skippedWindows: number
  skippedAtMs: number | null
  source: Pick<SourceInfo, 'state' | 'error'> | null
  isHearing: boolean
  mutedUntilMs: number | null
  alertSound: Record<Target['kind'], boolean>
}

const PREFERENCES = 'auscult.alerts'

interface Preferences {
  mutedUntilMs: number | null
  alertSound: Record<Target['kind'], boolean>
}

// A microphone would hear the page's own alert.
const QUIET: Preferences = { mutedUntilMs: null, alertSound: { microphone: false, source: true } }

function stored(): Preferences {
  try {
    return { ...QUIET, ...(JSON.parse(localStorage.getItem(PREFERENCES) ?? '{}') as Partial<Preferences>) }
  } catch {
    return QUIET
  }
}

/** What is forgotten when listening begins anew. */
export const FRESH = {
  refusal: null,
  stream: null,
  processing: null,
  link: 'connecting',
  attempt: 0,
  closeCode: null,
  linkLostAtMs: null,
  stoppedAtMs: null,
  wasStoppedForS: null,
  hasBundle: null,
  hasSound: true,
  bundleName: null,
  windowS: 2,
  changedTo: null,
  health: 'ok',
  result: null,
  resultAtMs: 0,
  latencyMs: null,
  capturedMs: null,
  levelDb: null,
  peak: 0,
  droppedS: 0,
  openEvent: null,
  eventEndedAtMs: null,
  skippedWindows: 0,
  skippedAtMs: null,
  source: null,
  isHearing: false,
} satisfies Partial<LiveState>

export const useLive = create<LiveState>()(() => ({
  ...FRESH,
  phase: 'idle',
  target: null,
  deviceName: '',
  begunAtMs: 0,
  rateHz: 0,
  ...stored(),
}))

export function prefer(change: Partial<Preferences>): void {
  useLive.setState(change)
  const { mutedUntilMs, alertSound } = useLive.getState()
  localStorage.setItem(PREFERENCES, JSON.stringify({ mutedUntilMs, alertSound }))
}
