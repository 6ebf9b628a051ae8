import type { Inspection, WindowInfo } from '../../api/types'

/** The window that ends a place belongs to: each stands for what it added to those before it. */
export function windowAt(windows: readonly WindowInfo[], s: number): WindowInfo | null {
  return windows.find(({ end_s }) => s < end_s) ?? windows.at(-1) ?? null
}

export function isJudged({ state }: Pick<WindowInfo, 'state'>): boolean {
  return state === 'normal' || state === 'anomaly'
}

export interface Stretch {
  fromS: number
  toS: number
  window: WindowInfo
}

/** Windows overlap; on the axis each takes the stretch that it ends, the first one all before it. */
export function stretches(windows: readonly WindowInfo[]): Stretch[] {
  return windows.map((window, i) => ({
    fromS: i === 0 ? window.start_s : (windows[i - 1]?.end_s ?? window.start_s),
    toS: window.end_s,
    window,
  }))
}

/** The frequency at a height, among rows of which the centres are known; 0 at the bottom, 1 at the top. */
export function hertzIn(bandsHz: readonly number[], height: number): number | null {
  const row = Math.min(bandsHz.length - 1, Math.max(0, Math.floor(height * bandsHz.length)))
  return bandsHz[row] ?? null
}

/** The largest swing to either side, as a part of full scale. */
export function peakOf({ low, high }: Inspection['waveform']): number {
  return [...high, ...low].reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

/** Outline of a waveform in a box of so many columns, 2 high, that its peak fills: along the top, back along the bottom. */
export function outline(waveform: Inspection['waveform']): string {
  const scale = 1 / (peakOf(waveform) || 1)
  const point = (value: number, i: number) => `${i} ${(1 - scale * value).toFixed(3)}`
  return `M${[...waveform.high.map(point), ...waveform.low.map(point).reverse()].join('L')}Z`
}

/** Of several layers, where one stands: near the sound, in the middle, or near the answer. */
export function depthOf(index: number, count: number): 'early' | 'middle' | 'late' {
  const part = count < 2 ? 1 : index / (count - 1)
  if (part < 1 / 3) return 'early'
  return part < 2 / 3 ? 'middle' : 'late'
}
