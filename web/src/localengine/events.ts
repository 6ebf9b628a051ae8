/** Verdicts in, events out, as src/auscult/live/events.py: when an anomaly is worth telling, where it begins and ends. */

import type { WindowVerdict } from './scorer'

export interface LocalEvent {
  id: number
  startS: number
  endS: number
  peakRatio: number
  peakS: number
  rule: string
  windows: number
}

export interface Telling {
  phase: 'open' | 'close'
  event: LocalEvent
}

/** A pause up to this long is part of a stretch; stretches up to the second apart are one event. */
const MIN_OFF_S = 2
const MERGE_S = 10
const EPSILON_S = 1e-4

type Stretch = Omit<LocalEvent, 'id'>

export class EventTracker {
  private earlier: Stretch | null = null
  private stretch: Stretch | null = null
  private id: number | null = null
  private count = 0

  update(verdict: WindowVerdict): Telling[] {
    const said = this.wait(verdict.startS)
    const isOdd = verdict.state === 'anomaly'
    if (this.stretch && (isOdd || (verdict.state === 'normal' && verdict.holding)))
      this.stretch = joined(this.stretch, stretchOf(verdict))
    else if (isOdd) this.stretch = stretchOf(verdict)
    const event = this.event()
    if (event === null || this.id !== null) return said
    this.id = ++this.count
    return [...said, { phase: 'open', event: { ...event, id: this.id } }]
  }

  /** The end of the sound: what is open ends with its last window. */
  close(): Telling[] {
    return this.wait(Infinity)
  }

  private wait(nowS: number): Telling[] {
    const pauseS = ({ endS }: Stretch) => nowS - endS - EPSILON_S
    if (this.stretch && pauseS(this.stretch) > MIN_OFF_S) {
      this.earlier = this.event()
      this.stretch = null
    }
    if (this.stretch || !this.earlier || this.id === null || pauseS(this.earlier) <= MERGE_S) return []
    const event = { ...this.earlier, id: this.id }
    this.earlier = this.id = null
    return [{ phase: 'close', event }]
  }

  private event(): Stretch | null {
    if (!this.stretch) return this.earlier
    return this.earlier ? joined(this.earlier, this.stretch) : this.stretch
  }
}

function stretchOf({ startS, endS, sinceS, ratio, rule }: WindowVerdict): Stretch {
  return {
    startS: sinceS ?? startS,
    endS,
    peakRatio: ratio,
    peakS: (startS + endS) / 2,
    rule,
    windows: 1,
  }
}

function joined(stretch: Stretch, later: Stretch): Stretch {
  const peak = later.peakRatio > stretch.peakRatio ? later : stretch
  const windows = stretch.windows + later.windows
  return { ...peak, startS: stretch.startS, endS: later.endS, windows }
}
