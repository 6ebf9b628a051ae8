import { COLUMNS_PER_S, ROWS } from './scale'
import type { Sound } from './spectrograph'

/** Sound may be this late before the picture goes on without it. */
const PATIENCE_S = 0.6
const KEPT_S = 64
const SLOTS = KEPT_S * COLUMNS_PER_S

export interface Mark {
  startS: number
  endS: number
  ratio: number
  state: string
}

/**
 * The last minute of what was heard, on the page's own time axis: seconds since listening began. Where no sound came the
 * axis goes on all the same, and the columns there stay empty.
 */
export class Timeline {
  readonly levels = new Uint8Array(SLOTS * ROWS)
  readonly wave = new Float32Array(SLOTS * 2)
  marks: Mark[] = []
  /** Grows with each column: tells who draws that there is something new. */
  version = 0
  rateHz = 0
  newestColumn = -1
  private readonly numbers = new Int32Array(SLOTS).fill(-1)
  private offsets: { fromS: number; offsetS: number }[] = []
  private newestS = 0
  private newestAtMs = 0
  private begunAtMs: number | null = null

  /** The end of the axis. */
  edgeS(nowMs: number): number {
    if (this.begunAtMs === null) return 0
    return this.newestS + Math.max(0, (nowMs - this.newestAtMs) / 1000 - PATIENCE_S)
  }

  addSound(sound: Sound, rateHz: number, nowMs: number): void {
    const count = sound.columns.length / ROWS
    if (count === 0) return
    this.rateHz = rateHz
    const streamEndS = (sound.firstColumn + count) / COLUMNS_PER_S
    if (this.begunAtMs === null) {
      this.begunAtMs = nowMs
      this.newestAtMs = nowMs
      this.offsets = [{ fromS: -Infinity, offsetS: -sound.firstColumn / COLUMNS_PER_S }]
    }
    this.keepUp(sound.firstColumn / COLUMNS_PER_S, streamEndS, nowMs)
    const shift = Math.round(this.offsetAt(streamEndS) * COLUMNS_PER_S)
    for (let i = 0; i < count; i++) {
      const number = sound.firstColumn + i + shift
      const slot = ((number % SLOTS) + SLOTS) % SLOTS
      this.levels.set(sound.columns.subarray(i * ROWS, (i + 1) * ROWS), slot * ROWS)
      this.wave.set(sound.wave.subarray(2 * i, 2 * i + 2), 2 * slot)
      this.numbers[slot] = number
      this.newestColumn = Math.max(this.newestColumn, number)
    }
    this.newestS = Math.max(this.newestS, streamEndS + this.offsetAt(streamEndS))
    this.newestAtMs = nowMs
    this.version++
  }

  addMark(mark: Mark): void {
    const offsetS = this.offsetAt(mark.endS)
    const placed = { ...mark, startS: mark.startS + offsetS, endS: mark.endS + offsetS }
    this.marks = [
      ...this.marks.filter((m) => m.endS !== placed.endS && m.endS > placed.endS - KEPT_S),
      placed,
    ]
    this.marks.sort((a, b) => a.endS - b.endS)
    this.version++
  }

  /** Where results come without their sound, the axis goes by them. */
  keepTime(streamEndS: number, nowMs: number): void {
    if (this.begunAtMs === null) {
      this.begunAtMs = nowMs
      this.newestAtMs = nowMs
      this.offsets = [{ fromS: -Infinity, offsetS: -streamEndS }]
    }
    this.keepUp(streamEndS, streamEndS, nowMs)
    this.newestS = Math.max(this.newestS, streamEndS + this.offsetAt(streamEndS))
    this.newestAtMs = nowMs
  }

  /** The stream begins anew, with a time of its own: what follows is put after what is there. */
  beginStream(nowMs: number): void {
    if (this.begunAtMs === null) return
    this.offsets = [{ fromS: -Infinity, offsetS: this.edgeS(nowMs) }]
  }

  /** Place of a time of the stream on the page's axis. */
  place(streamS: number): number {
    return streamS + this.offsetAt(streamS)
  }

  /** The slot that holds a column, or -1 where nothing was heard. */
  slotOf(column: number): number {
    const slot = ((column % SLOTS) + SLOTS) % SLOTS
    return this.numbers[slot] === column ? slot : -1
  }

  /** Levels of a stretch of columns; what was not heard is 0. */
  frames(first: number, count: number): number[][] {
    return Array.from({ length: count }, (_, i) => {
      const slot = this.slotOf(first + i)
      return slot < 0
        ? new Array<number>(ROWS).fill(0)
        : [...this.levels.subarray(slot * ROWS, (slot + 1) * ROWS)]
    })
  }

  /** Time passed that the stream knows nothing of: what follows is moved to where it was heard. */
  private keepUp(streamStartS: number, streamEndS: number, nowMs: number): void {
    const lagS = this.edgeS(nowMs) - (streamEndS + this.offsetAt(streamEndS))
    if (lagS > 1) {
      this.offsets = [
        ...this.offsets.slice(-20),
        { fromS: streamStartS, offsetS: this.offsetAt(streamEndS) + lagS },
      ]
    }
  }

  private offsetAt(streamS: number): number {
    return this.offsets.findLast(({ fromS }) => streamS >= fromS)?.offsetS ?? 0
  }
}
