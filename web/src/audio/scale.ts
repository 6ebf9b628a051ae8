/** Where a frequency stands in a picture of sound, and in which colour a level is drawn. */

export const ROWS = 160
export const COLUMNS_PER_S = 32
/** Levels are always drawn on this scale: one that follows the sound makes silence look loud. */
export const MIN_DB = -100
export const MAX_DB = -20

export interface Span {
  lowHz: number
  highHz: number
}

const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700)
const hertz = (m: number) => 700 * (10 ** (m / 2595) - 1)

export function spanOf(rateHz: number): Span {
  return { lowHz: 50, highHz: Math.min(rateHz / 2, 16_000) }
}

/** Height of a frequency in a picture: 0 at the bottom, 1 at the top, as we hear pitch. */
export function heightOf(hz: number, { lowHz, highHz }: Span): number {
  return (mel(hz) - mel(lowHz)) / (mel(highHz) - mel(lowHz))
}

export function hertzAt(height: number, { lowHz, highHz }: Span): number {
  return hertz(mel(lowHz) + height * (mel(highHz) - mel(lowHz)))
}

const ROUND_HZ = [125, 250, 500, 1000, 2000, 4000, 8000, 16_000]

export interface Tick {
  hz: number
  /** 0 at the bottom, 1 at the top. */
  height: number
}

/** Round frequencies that fit onto an axis without touching each other. */
export function ticksOf(heightOf: (hz: number) => number, smallestStep = 0.07): Tick[] {
  const fitting: Tick[] = []
  let last = Infinity
  for (const hz of ROUND_HZ.toReversed()) {
    const height = heightOf(hz)
    if (height < 0 || height > 1 || last - height < smallestStep) continue
    fitting.unshift({ hz, height })
    last = height
  }
  return fitting
}

// The colour map "inferno" as a polynomial: evenly perceived, and readable without telling red from green.
const INFERNO = [
  [0.00021894, 0.001651, -0.0194809],
  [0.10651342, 0.56395644, 3.93271239],
  [11.60249308, -3.97285397, -15.9423941],
  [-41.70399613, 17.43639888, 44.35414519],
  [77.1629357, -33.40235894, -81.80730926],
  [-71.31942824, 32.62606426, 73.20951986],
  [25.13112622, -12.24266895, -23.070325],
]

function inferno(t: number): [number, number, number] {
  const channel = (index: number) => {
    const value = INFERNO.reduceRight((sum, term) => sum * t + (term[index] as number), 0)
    return Math.round(255 * Math.min(1, Math.max(0, value)))
  }
  return [channel(0), channel(1), channel(2)]
}

/** Colours of the levels 0 … 255, four bytes each. */
export const COLOURS: Uint8ClampedArray = Uint8ClampedArray.from(
  Array.from({ length: 256 }, (_, level) => [...inferno(level / 255), 255]).flat(),
)

export function levelOf(db: number, minDb = MIN_DB, maxDb = MAX_DB): number {
  return Math.round(255 * Math.min(1, Math.max(0, (db - minDb) / (maxDb - minDb))))
}

export function css(level: number): string {
  const at = 4 * level
  return `rgb(${COLOURS[at]} ${COLOURS[at + 1]} ${COLOURS[at + 2]})`
}
