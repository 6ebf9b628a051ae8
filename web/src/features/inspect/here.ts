/** A recording judged in this browser, in the form that the server gives: the same pictures show both. */

import type { Inspection, PictureInfo, WindowInfo } from '../../api/types'
import { COLUMNS_PER_S, MAX_DB, MIN_DB, ROWS, hertzAt, spanOf } from '../../audio/scale'
import { Spectrograph } from '../../audio/spectrograph'
import type { Decoded } from '../../localengine/decode'
import type { About } from '../../localengine/messages'
import type { RecordingVerdict, WindowVerdict } from '../../localengine/scorer'

const MAX_COLUMNS = 1000
const PIECE_SAMPLES = 2 ** 16

export function inspection(
  name: string,
  { samples, rateHz, channels }: Decoded,
  about: About,
  found: RecordingVerdict,
): Inspection {
  const windows = found.windows.map(windowInfo)
  const telling = found.windows.reduce(
    (a, b) => (b.ratio > a.ratio ? b : a),
    found.windows[0] as WindowVerdict,
  )
  const [best] = found.classes
  return {
    name,
    rate_hz: rateHz,
    channels,
    format: name.split('.').at(-1)?.toUpperCase() ?? '',
    bundle: { id: '', name: about.name },
    verdict: {
      state: found.state,
      score: found.score,
      limit: found.limit,
      ratio: found.ratio,
      rule: found.rule,
      largest_ratio: Math.max(found.ratio, ...windows.map(({ ratio }) => ratio)),
      duration_s: found.durationS,
      dropped_tail_s: found.tailS,
      explanation: null,
      label: best?.name ?? '',
      probability: best?.probability ?? null,
      is_known: found.isKnown,
    },
    windows,
    classes: found.classes.map((one) => ({
      name: one.name,
      probability: one.probability,
      is_alarm: one.isAlarm,
    })),
    ...pictures(samples, rateHz),
    anomaly_map: null,
    layers: [],
    telling_s: telling.startS,
    notes: [
      ...(rateHz < about.rateHz ? (['low_rate'] as const) : []),
      ...(found.tailS > 0.1 ? (['tail_left_out'] as const) : []),
      ...(about.hasLimit ? [] : (['no_limit'] as const)),
    ],
  }
}

function windowInfo(one: WindowVerdict): WindowInfo {
  return {
    start_s: one.startS,
    end_s: one.endS,
    score: one.score,
    ratio: one.ratio,
    rule: one.rule,
    state: one.state,
    level_db: Number.isFinite(one.levelDb) ? one.levelDb : null,
    label: one.label,
    probability: one.probability,
    is_known: one.isKnown,
  }
}

/** Spectrogram and waveform as the live pictures have them, of at most so many columns. */
function pictures(samples: Float32Array, rateHz: number): Pick<Inspection, 'spectrogram' | 'waveform'> {
  const graph = new Spectrograph(rateHz)
  const levels: Uint8Array[] = []
  const low: number[] = []
  const high: number[] = []
  for (let at = 0; at < samples.length; at += PIECE_SAMPLES) {
    const piece = samples.subarray(at, at + PIECE_SAMPLES)
    const { columns, wave } = graph.feed(
      Int16Array.from(piece, (value) => Math.max(-32768, Math.min(32767, Math.round(32768 * value)))),
      at,
    )
    for (let i = 0; i < columns.length; i += ROWS) levels.push(columns.subarray(i, i + ROWS))
    for (let i = 0; i < wave.length; i += 2) {
      low.push(wave[i] as number)
      high.push(wave[i + 1] as number)
    }
  }
  const step = Math.max(1, Math.ceil(levels.length / MAX_COLUMNS))
  return {
    spectrogram: picture(thinned(levels, step), rateHz, step / COLUMNS_PER_S),
    waveform: {
      low: groups(low, step).map((group) => Math.min(...group)),
      high: groups(high, step).map((group) => Math.max(...group)),
    },
  }
}

/** The loudest of each few columns takes the place of all of them. */
function thinned(levels: Uint8Array[], step: number): Uint8Array[] {
  return groups(levels, step).map((group) =>
    Uint8Array.from({ length: ROWS }, (_, row) => Math.max(...group.map((column) => column[row] ?? 0))),
  )
}

function groups<T>(values: T[], step: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / step) }, (_, i) =>
    values.slice(i * step, (i + 1) * step),
  )
}

function picture(columns: Uint8Array[], rateHz: number, hopS: number): PictureInfo {
  const span = spanOf(rateHz)
  const data = columns.map((column) => String.fromCharCode(...column)).join('')
  return {
    columns: columns.length,
    rows: ROWS,
    data: btoa(data),
    low: MIN_DB,
    high: MAX_DB,
    start_s: 0,
    hop_s: hopS,
    bands_hz: Array.from({ length: ROWS }, (_, row) => hertzAt((row + 0.5) / ROWS, span)),
  }
}
