import { create } from 'zustand'
import type { Processing, Refusal } from '../../audio/capture'
import type { About } from '../../localengine/messages'
import type { WindowVerdict } from '../../localengine/scorer'
import type { ToldTrouble } from '../../localengine/trouble'
import { keptEvents, type KeptEvent } from './kept'

/** What the screen knows of the present. Pictures are drawn from the session's timeline, not from here. */
export interface LocalState {
  phase: 'idle' | 'opening' | 'asking' | 'refused' | 'on'
  about: About | null
  trouble: ToldTrouble | null
  refusal: Refusal | null
  deviceName: string
  processing: Processing | null
  rateHz: number
  begunAtMs: number
  verdict: WindowVerdict | null
  verdictAtMs: number
  latencyMs: number | null
  inferMs: number | null
  levelDb: number | null
  peak: number
  skippedWindows: number
  stoppedAtMs: number | null
  events: KeptEvent[]
}

/** What is forgotten when listening begins anew. */
export const FRESH = {
  refusal: null,
  processing: null,
  verdict: null,
  verdictAtMs: 0,
  latencyMs: null,
  inferMs: null,
  levelDb: null,
  peak: 0,
  skippedWindows: 0,
  stoppedAtMs: null,
} satisfies Partial<LocalState>

export const useLocal = create<LocalState>()(() => ({
  ...FRESH,
  phase: 'idle',
  about: null,
  trouble: null,
  deviceName: '',
  rateHz: 0,
  begunAtMs: 0,
  events: keptEvents(),
}))
