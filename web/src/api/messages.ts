/** What comes through the sockets, as the server's schema has it. Codes and numbers only: words are the page's own. */

import type { components } from './schema'

type Schemas = components['schemas']

export type Result = Schemas['Result']
export type SoundState = Result['state']
export type LearnMessage = Schemas['LearnTold']
export type Welcome = Schemas['Welcome']
export type ServerMessage =
  | Welcome
  | Result
  | LearnMessage
  | Schemas['WatchWelcome']
  | Schemas['EventTold']
  | Schemas['HealthTold']
  | Schemas['Status']
  | Schemas['Error']
  | Schemas['Ack']
  | Schemas['AudioTold']
  | Schemas['Missed']
  | Schemas['JobTold']

const KNOWN: Record<ServerMessage['type'], true> = {
  welcome: true,
  result: true,
  event: true,
  health: true,
  learn: true,
  status: true,
  error: true,
  ack: true,
  audio: true,
  missed: true,
  job: true,
}

/** A message of the server, or `null` for what a newer one may say that we don't know. */
export function parseMessage(text: string): ServerMessage | null {
  try {
    const found: unknown = JSON.parse(text)
    const isObject = typeof found === 'object' && found !== null && 'type' in found
    return isObject && String(found.type) in KNOWN ? (found as ServerMessage) : null
  } catch {
    return null
  }
}
