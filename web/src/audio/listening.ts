/** What the page and its listening worker say to each other. */

import type { ServerMessage } from '../api/messages'
import type { Processing } from './capture'
import type { Sound } from './spectrograph'

export interface Microphone {
  kind: 'microphone'
  port: MessagePort
  rateHz: number
  name: string
  processing: Processing
  mode: 'listen' | 'learn'
}
export interface Watched {
  kind: 'watch'
  stream: string
  /** Not every key may hear: then results come without their sound. */
  audio: boolean
}
export type ToWorker =
  | { type: 'begin'; url: string; what: Microphone | Watched }
  | { type: 'hear'; on: boolean }
  | { type: 'retry' }
  | { type: 'end' }

/** The server’s close code where samples come faster or slower than they should: a device that is too busy, or a wrong rate. */
export const UNEVEN = 4406

export type Link = 'connecting' | 'open' | 'reconnecting' | 'refused'

export type FromWorker =
  | { type: 'link'; link: Link; attempt: number; closeCode: number | null }
  | { type: 'welcome'; isResumed: boolean; message: Extract<ServerMessage, { type: 'welcome' }> }
  | { type: 'message'; message: ServerMessage; capturedMs: number | null }
  | {
      type: 'sound'
      sound: Sound
      rateHz: number
      levelDb: number
      peak: number
      pcm: Int16Array<ArrayBuffer> | null
      droppedSamples: number
    }
