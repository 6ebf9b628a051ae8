/** What the page and the worker that judges in the browser say to each other. */

import type { Sound } from '../audio/spectrograph'
import type { Telling } from './events'
import type { RecordingVerdict, WindowVerdict } from './scorer'
import type { ToldTrouble } from './trouble'

export type ToLocal =
  | { type: 'open'; file: ArrayBuffer }
  | { type: 'score'; samples: Float32Array; rateHz: number }
  /** Frames of a microphone, as they come out of a `Capture`. */
  | { type: 'listen'; port: MessagePort; rateHz: number }
  | { type: 'stop' }

/** What there is to know of a bundle that was opened here. */
export interface About {
  name: string
  family: string
  rateHz: number
  windowS: number
  hopS: number
  hasLimit: boolean
  /** Seconds of normal sound behind its limits. */
  heardS: number
  /** Of its reference windows here, the largest relative difference from what it says of itself. */
  difference: number
}

export type FromLocal =
  | { type: 'opened'; about: About }
  | { type: 'part'; part: number }
  | { type: 'scored'; verdict: RecordingVerdict; tookMs: number }
  | { type: 'sound'; sound: Sound; levelDb: number; peak: number }
  | { type: 'verdict'; verdict: WindowVerdict; capturedMs: number; inferMs: number }
  | { type: 'event'; telling: Telling }
  /** So many windows were left out since listening began: the browser cannot keep up. */
  | { type: 'skipped'; windows: number }
  | { type: 'trouble'; trouble: ToldTrouble }
