import { api } from '../../api/client'
import type { EventInfo, Label } from '../../api/types'

/** What a person said of an event: what it was, and how a fault is called. */
export type Said = Pick<EventInfo, 'label' | 'name'>

export interface Judged {
  id: string
  label: Label
  before: Said
}

/** So many judgements can be taken back, one after the other. */
export const MOST_KEPT = 100

export function saidOf({ label, name }: Said): Said {
  return { label, name }
}

export function withJudged(kept: Judged[], judged: Judged): Judged[] {
  return [...kept, judged].slice(-MOST_KEPT)
}

/** The name goes with the label: without it, the server would keep or lose whichever there is by now. */
export function say(id: string, { label, name }: Said) {
  return api.label(id, label, name)
}

/** Let the model judge again that this one was made of, and let that be said of the event which was said before. */
export async function takeBack(bundle: string | undefined, id: string, before: Said): Promise<void> {
  await api.rollBack(bundle)
  await say(id, before)
}
