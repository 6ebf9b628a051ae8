import { GAP, LATE, type Frame } from './wire'

interface Kept {
  frame: Frame
  isSent: boolean
}

interface Bounds {
  rateHz: number
  /** As much sound may be on its way without the server having confirmed it. */
  maxUnackedS: number
  /** As much sound is kept for a connection that comes back. */
  keptS: number
}

const LATE_MS = 1000

/**
 * What has been heard and not yet confirmed. A socket does not tell what it has really sent, so confirmations bound what
 * is on its way; what does not fit into the bounds is dropped, oldest first, and the next frame says so.
 */
export class FrameQueue {
  droppedSamples = 0
  private kept: Kept[] = []
  private seq = 0
  private hasGap = false

  constructor(private readonly bounds: Bounds) {}

  push(pcm: Int16Array, firstSample: number, capturedMs: number): void {
    const frame: Frame = { flags: this.hasGap ? GAP : 0, seq: this.seq, firstSample, capturedMs, pcm }
    this.hasGap = false
    this.seq = (this.seq + 1) >>> 0
    this.kept.push({ frame, isSent: false })
    while (this.heldS() > this.bounds.keptS) this.dropOldest()
  }

  /** The server has all samples before this one. */
  ack(nextSample: number): void {
    this.kept = this.kept.filter(({ frame }) => frame.firstSample + frame.pcm.length > nextSample)
  }

  /** Frames that may be sent now; they count as sent. */
  take(nowMs: number): Frame[] {
    const taken: Frame[] = []
    let unacked = this.kept.reduce((sum, { frame, isSent }) => sum + (isSent ? frame.pcm.length : 0), 0)
    for (const item of this.kept) {
      if (item.isSent) continue
      unacked += item.frame.pcm.length
      if (unacked > this.bounds.maxUnackedS * this.bounds.rateHz) break
      item.isSent = true
      const late = nowMs - item.frame.capturedMs > LATE_MS ? LATE : 0
      taken.push({ ...item.frame, flags: item.frame.flags | late })
    }
    return taken
  }

  /** The connection is new: whatever was not confirmed is sent again. */
  rewind(): void {
    for (const item of this.kept) item.isSent = false
  }

  /** The first sample that the server has not confirmed. */
  get nextSample(): number | null {
    return this.kept[0]?.frame.firstSample ?? null
  }

  private heldS(): number {
    return this.kept.reduce((sum, { frame }) => sum + frame.pcm.length, 0) / this.bounds.rateHz
  }

  private dropOldest(): void {
    const [oldest, next] = this.kept
    if (oldest === undefined) return
    this.droppedSamples += oldest.frame.pcm.length
    this.kept.shift()
    if (next) next.frame = { ...next.frame, flags: next.frame.flags | GAP }
    else this.hasGap = true
  }
}
