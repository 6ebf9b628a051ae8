/** Whether a window can be judged at all: silence, a stuck input and clipping are words of their own, never "normal". */

const SILENT_DB = -90
const CLIPPED_FRACTION = 0.01
const FULL_SCALE = 0.999
const FLAT_TOP = 0.25

export type Health = 'ok' | 'no_signal' | 'unreliable'

export interface Loudness {
  health: Health
  levelDb: number
}

export function loudnessOf(window: Float32Array): Loudness {
  let low = Infinity
  let high = -Infinity
  let sum = 0
  let squares = 0
  for (const value of window) {
    if (!Number.isFinite(value)) return { health: 'unreliable', levelDb: -Infinity }
    low = Math.min(low, value)
    high = Math.max(high, value)
    sum += value
    squares += value * value
  }
  const levelDb = decibels(Math.sqrt(squares / window.length))
  const mean = low < high ? sum / window.length : low
  let swing = 0
  for (const value of window) swing += (value - mean) ** 2
  const acDb = decibels(Math.sqrt(swing / window.length))
  if (acDb < SILENT_DB) return { health: 'no_signal', levelDb }
  const health = clippedFraction(window, low, high) > CLIPPED_FRACTION ? 'unreliable' : 'ok'
  return { health, levelDb }
}

function decibels(amplitude: number): number {
  return amplitude > 0 ? 20 * Math.log10(amplitude) : -Infinity
}

/** Samples that stand beside another one at full scale, or at a flat top. */
function clippedFraction(window: Float32Array, low: number, high: number): number {
  const top = high > FLAT_TOP ? Math.fround(Math.min(high, FULL_SCALE)) : Infinity
  const bottom = low < -FLAT_TOP ? Math.fround(Math.max(low, -FULL_SCALE)) : -Infinity
  let count = 0
  let run = 0
  for (let i = 0; i <= window.length; i++) {
    const value = window[i]
    if (value !== undefined && (value >= top || value <= bottom)) run++
    else {
      if (run > 1) count += run
      run = 0
    }
  }
  return count / window.length
}
