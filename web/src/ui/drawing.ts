import { COLOURS, COLUMNS_PER_S, ROWS } from '../audio/scale'
import type { Timeline } from '../audio/timeline'

/** Pictures of the timeline: what is drawn where; sizes in device pixels. */

export interface View {
  endS: number
  seconds: number
}

/** Fit a canvas to its place on the screen; gives its context. */
export function fitted(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const scale = Math.min(2, devicePixelRatio)
  const width = Math.round(canvas.clientWidth * scale)
  const height = Math.round(canvas.clientHeight * scale)
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  return canvas.getContext('2d')
}

/** The spectrogram: columns are painted once into a ring, and the ring is drawn in at most two pieces. */
export class Waterfall {
  private readonly ring: OffscreenCanvas
  private readonly context: OffscreenCanvasRenderingContext2D | null
  private readonly strip: ImageData
  private painted = -1
  private timeline: Timeline | null = null

  constructor(private readonly slots: number) {
    this.ring = new OffscreenCanvas(slots, ROWS)
    this.context = this.ring.getContext('2d', { alpha: false })
    this.strip = new ImageData(1, ROWS)
  }

  draw(context: CanvasRenderingContext2D, timeline: Timeline, view: View): void {
    if (timeline !== this.timeline) {
      this.timeline = timeline
      this.painted = -1
    }
    this.paint(timeline, view)
    const { width, height } = context.canvas
    context.fillStyle = '#000004'
    context.fillRect(0, 0, width, height)
    const first = Math.floor((view.endS - view.seconds) * COLUMNS_PER_S)
    const last = Math.min(timeline.newestColumn, Math.ceil(view.endS * COLUMNS_PER_S))
    const perColumn = width / (view.seconds * COLUMNS_PER_S)
    for (const [from, to] of runs(timeline, first, last)) {
      for (const [a, b] of this.pieces(from, to)) {
        const x = (a - (view.endS - view.seconds) * COLUMNS_PER_S) * perColumn
        context.drawImage(
          this.ring,
          mod(a, this.slots),
          0,
          b - a,
          ROWS,
          x,
          0,
          (b - a) * perColumn + 0.5,
          height,
        )
      }
    }
  }

  private pieces(from: number, to: number): [number, number][] {
    const wrap = from - mod(from, this.slots) + this.slots
    return wrap < to
      ? [
          [from, wrap],
          [wrap, to],
        ]
      : [[from, to]]
  }

  private paint(timeline: Timeline, view: View): void {
    const oldest = Math.floor((view.endS - view.seconds) * COLUMNS_PER_S)
    for (let column = Math.max(this.painted + 1, oldest); column <= timeline.newestColumn; column++) {
      const slot = timeline.slotOf(column)
      if (slot < 0) continue
      for (let row = 0; row < ROWS; row++) {
        const colour = 4 * (timeline.levels[slot * ROWS + row] as number)
        this.strip.data.set(COLOURS.subarray(colour, colour + 4), 4 * (ROWS - 1 - row))
      }
      this.context?.putImageData(this.strip, mod(column, this.slots), 0)
    }
    this.painted = timeline.newestColumn
  }
}

/** Stretches of columns that were heard, as [first, end). */
export function runs(timeline: Timeline, first: number, last: number): [number, number][] {
  const found: [number, number][] = []
  let from: number | null = null
  for (let column = first; column <= last + 1; column++) {
    const isHeard = column <= last && timeline.slotOf(column) >= 0
    if (isHeard && from === null) from = column
    if (!isHeard && from !== null) {
      found.push([from, column])
      from = null
    }
  }
  return found
}

/** Stretches between those, within the view, as seconds. */
export function gaps(timeline: Timeline, view: View): [number, number][] {
  const startS = Math.max(0, view.endS - view.seconds)
  const last = Math.floor(view.endS * COLUMNS_PER_S)
  const heard = runs(timeline, Math.floor(startS * COLUMNS_PER_S), last)
  const edges = [startS, ...heard.flatMap(([a, b]) => [a / COLUMNS_PER_S, b / COLUMNS_PER_S]), view.endS]
  const found: [number, number][] = []
  for (let i = 0; i + 1 < edges.length; i += 2) {
    const [a, b] = [edges[i] as number, edges[i + 1] as number]
    if (b - a > 0.15) found.push([a, b])
  }
  return found
}

export interface Hatch {
  ground: string
  line: string
}

/** On pictures of sound, which are dark in every theme. */
const DARK: Hatch = { ground: '#11161c', line: '#3b4654' }
const TILE = 12
const patterns = new Map<string, CanvasPattern>()

function hatching(context: CanvasRenderingContext2D, { ground, line }: Hatch): CanvasPattern | string {
  const known = patterns.get(ground + line)
  if (known) return known
  const tile = new OffscreenCanvas(TILE, TILE)
  const paint = tile.getContext('2d')
  if (!paint) return ground
  paint.fillStyle = ground
  paint.fillRect(0, 0, TILE, TILE)
  paint.strokeStyle = line
  paint.lineWidth = 3
  paint.beginPath()
  for (const shift of [-TILE, 0, TILE]) {
    paint.moveTo(shift, TILE)
    paint.lineTo(shift + TILE, 0)
  }
  paint.stroke()
  const made = context.createPattern(tile, 'repeat')
  if (made) patterns.set(ground + line, made)
  return made ?? ground
}

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

const whole = ({ canvas }: CanvasRenderingContext2D): Box => ({
  left: 0,
  top: 0,
  width: canvas.width,
  height: canvas.height,
})

/** Hatch stretches of time. */
export function drawGaps(
  context: CanvasRenderingContext2D,
  stretches: [number, number][],
  view: View,
  box = whole(context),
  hatch = DARK,
): void {
  const at = (s: number) => box.left + Math.max(0, (s - view.endS + view.seconds) / view.seconds) * box.width
  context.fillStyle = hatching(context, hatch)
  for (const [a, b] of stretches) {
    if (b > view.endS - view.seconds) context.fillRect(at(a), box.top, at(b) - at(a), box.height)
  }
}

/** Stretches between results, and since the last one, that nothing was judged in. */
export function unjudged(timeline: Timeline, view: View): [number, number][] {
  const found: [number, number][] = []
  const { marks } = timeline
  for (const [i, { startS, endS }] of marks.entries()) {
    const next = marks[i + 1]
    const untilS = next ? next.startS : view.endS - (endS - startS)
    if (untilS - endS > 1) found.push([endS, next ? next.startS : view.endS])
  }
  return found
}

/** Stretches of anomalies, neighbours joined, as seconds. */
export function anomalies(timeline: Timeline): [number, number][] {
  const found: [number, number][] = []
  for (const { startS, endS, state } of timeline.marks) {
    if (state !== 'anomaly') continue
    const last = found.at(-1)
    if (last && startS <= last[1] + 0.1) last[1] = Math.max(last[1], endS)
    else found.push([startS, endS])
  }
  return found
}

/** One vertical band through every picture for each anomaly. */
export function drawBands(
  context: CanvasRenderingContext2D,
  timeline: Timeline,
  view: View,
  colour: string,
  box = whole(context),
): void {
  const at = (s: number) => box.left + ((s - view.endS + view.seconds) / view.seconds) * box.width
  context.save()
  context.beginPath()
  context.rect(box.left, box.top, box.width, box.height)
  context.clip()
  for (const [a, b] of anomalies(timeline)) {
    context.globalAlpha = 0.14
    context.fillStyle = colour
    context.fillRect(at(a), box.top, at(b) - at(a), box.height)
    context.globalAlpha = 0.9
    context.fillRect(at(a), box.top, at(b) - at(a), 4)
    context.fillRect(at(a) - 1, box.top, 2, box.height)
    context.fillRect(at(b) - 1, box.top, 2, box.height)
  }
  context.restore()
}

export function drawWave(
  context: CanvasRenderingContext2D,
  timeline: Timeline,
  view: View,
  colour: string,
): void {
  const { width, height } = context.canvas
  context.clearRect(0, 0, width, height)
  context.fillStyle = colour
  const startS = view.endS - view.seconds
  const perColumn = width / (view.seconds * COLUMNS_PER_S)
  const first = Math.floor(startS * COLUMNS_PER_S)
  for (let column = first; column <= timeline.newestColumn; column++) {
    const slot = timeline.slotOf(column)
    if (slot < 0) continue
    const low = timeline.wave[2 * slot] as number
    const high = timeline.wave[2 * slot + 1] as number
    const top = ((1 - gained(high)) / 2) * height
    const bottom = ((1 - gained(low)) / 2) * height
    context.fillRect(
      (column - startS * COLUMNS_PER_S) * perColumn,
      top,
      Math.max(1, perColumn),
      Math.max(1, bottom - top),
    )
  }
}

/** Faint sound is drawn larger, loud sound still fits: the square root keeps the sign. */
function gained(value: number): number {
  return Math.sign(value) * Math.sqrt(Math.abs(value))
}

export function drawSpectrum(context: CanvasRenderingContext2D, timeline: Timeline, colour: string): void {
  const { width, height } = context.canvas
  context.clearRect(0, 0, width, height)
  const newest = timeline.newestColumn
  const slots = [0, 1, 2, 3].map((back) => timeline.slotOf(newest - back)).filter((slot) => slot >= 0)
  if (slots.length === 0) return
  context.beginPath()
  context.moveTo(0, height)
  for (let row = 0; row < ROWS; row++) {
    const level =
      slots.reduce((sum, slot) => sum + (timeline.levels[slot * ROWS + row] as number), 0) / slots.length
    context.lineTo((level / 255) * width, height * (1 - (row + 0.5) / ROWS))
  }
  context.lineTo(0, 0)
  context.closePath()
  context.globalAlpha = 0.25
  context.fillStyle = colour
  context.fill()
  context.globalAlpha = 1
  context.strokeStyle = colour
  context.lineWidth = 1.5
  context.stroke()
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by
}
