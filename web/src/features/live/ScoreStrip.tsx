import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import uPlot from 'uplot'
import type { Timeline } from '../../audio/timeline'
import { GUTTER_PX } from '../../ui/Axis'
import { useFormat } from '../../ui/format'
import { drawBands, drawGaps, unjudged } from '../../ui/drawing'
import { LimitHandle } from './LimitHandle'
import { session } from './session'
import { useLive } from './state'
import { useFrame } from '../../ui/useFrame'

const HEIGHT_PX = 132
/** Ratios above are drawn at the top: how far they are over the limit stands in the number. */
export const MAX_RATIO = 3
export const TOP_RATIO = 3.2

interface Props {
  seconds: number
  isDimmed: boolean
  rightPx: number
  factor: number
  onFactor: (factor: number) => void
}

/** How different the sound was, on the spectrogram's time axis, and the limit with its handle. */
export function ScoreStrip({ seconds, isDimmed, rightPx, factor, onFactor }: Props) {
  const { t } = useTranslation()
  const format = useFormat()
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const shown = useRef({ factor, seconds, drawn: null as Timeline | null, version: -1 })
  const ratio = useLive((live) => live.result?.ratio ?? null)

  useEffect(() => {
    shown.current.factor = factor
    shown.current.seconds = seconds
  }, [factor, seconds])

  useEffect(() => {
    const box = place.current
    if (!box) return
    const made = new uPlot(
      options(box, () => shown.current),
      [[], [], []],
      box,
    )
    plot.current = made
    const watcher = new ResizeObserver(() => {
      made.setSize({ width: box.clientWidth, height: HEIGHT_PX })
    })
    watcher.observe(box)
    return () => {
      watcher.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [])

  useFrame((nowMs) => {
    const { timeline } = session
    const state = shown.current
    if (!plot.current) return
    if (state.drawn !== timeline || state.version !== timeline.version) {
      state.drawn = timeline
      state.version = timeline.version
      plot.current.setData(rows(timeline), false)
    }
    const endS = timeline.edgeS(nowMs)
    plot.current.setScale('x', { min: endS - seconds, max: endS })
  })

  const label = t('live.score_label', { seconds, ratio: ratio === null ? '–' : format.number(ratio, 2) })
  return (
    <div className="flex flex-col gap-1">
      <h2 className="text-xs text-mute" style={{ paddingLeft: GUTTER_PX }}>
        {t('live.score')} · {t('live.score_hint')}
      </h2>
      <div className={`flex ${isDimmed ? 'opacity-50 grayscale' : ''}`}>
        <div className="relative min-w-0 flex-1" style={{ height: HEIGHT_PX }}>
          <div ref={place} role="img" aria-label={label} data-testid="score" className="absolute inset-0" />
        </div>
        <div className="relative shrink-0" style={{ width: rightPx, height: HEIGHT_PX }}>
          <LimitHandle factor={factor} onFactor={onFactor} />
        </div>
      </div>
      <TimeAxis seconds={seconds} rightPx={rightPx} />
    </div>
  )
}

function TimeAxis({ seconds, rightPx }: { seconds: number; rightPx: number }) {
  const { t } = useTranslation()
  const format = useFormat()
  const parts = seconds % 3 === 0 ? 3 : 2
  const steps = Array.from({ length: parts + 1 }, (_, i) => Math.round((seconds * (i - parts)) / parts))
  return (
    <div
      className="flex justify-between text-[11px] leading-none text-mute"
      style={{ paddingLeft: GUTTER_PX, paddingRight: rightPx }}
      aria-hidden
    >
      {steps.map((second) => (
        <span key={second}>
          {second === 0 ? t('live.now') : t('unit.seconds', { n: format.number(second) })}
        </span>
      ))}
    </div>
  )
}

/** Times, ratios, and again those of anomalies alone; a missing second breaks the line. */
function rows(timeline: Timeline): uPlot.AlignedData {
  const x: number[] = []
  const y: (number | null)[] = []
  const over: (number | null)[] = []
  let lastS = -Infinity
  for (const { endS, startS, ratio, state } of timeline.marks) {
    const isJudged = (state === 'normal' || state === 'anomaly') && Number.isFinite(ratio)
    if (endS - lastS > 1.5 * Math.max(endS - startS, 0.5) && x.length > 0) {
      x.push((endS + lastS) / 2)
      y.push(null)
      over.push(null)
    }
    x.push(endS)
    y.push(isJudged ? Math.min(ratio, MAX_RATIO) : null)
    over.push(isJudged && state === 'anomaly' ? Math.min(ratio, MAX_RATIO) : null)
    lastS = endS
  }
  return [x, y, over]
}

interface Shown {
  factor: number
  seconds: number
}

function options(box: HTMLElement, shown: () => Shown): uPlot.Options {
  const colour = (name: string) => getComputedStyle(box).getPropertyValue(name)
  const resolved = (name: string) => {
    // Colours of a theme are told as a pair; only a painted element knows which one holds.
    const probe = document.createElement('span')
    probe.style.color = `var(${name})`
    box.append(probe)
    const found = getComputedStyle(probe).color
    probe.remove()
    return found || colour(name)
  }
  const line = (u: uPlot, ratio: number, name: string, dash: number[]) => {
    const y = u.valToPos(ratio, 'y', true)
    u.ctx.save()
    u.ctx.strokeStyle = resolved(name)
    u.ctx.lineWidth = 1.5 * devicePixelRatio
    u.ctx.setLineDash(dash)
    u.ctx.beginPath()
    u.ctx.moveTo(u.bbox.left, y)
    u.ctx.lineTo(u.bbox.left + u.bbox.width, y)
    u.ctx.stroke()
    u.ctx.restore()
  }
  return {
    width: box.clientWidth,
    height: HEIGHT_PX,
    padding: [6, 0, 6, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, auto: false }, y: { range: [0, TOP_RATIO] } },
    axes: [
      { show: false },
      {
        size: GUTTER_PX,
        gap: 6,
        font: '11px system-ui',
        stroke: () => resolved('--mute'),
        splits: [0, 1, 2, 3],
        values: (_, splits) => splits.map((split) => (split === MAX_RATIO ? `≥${split}` : String(split))),
        grid: { stroke: () => resolved('--line'), width: 1 },
        ticks: { show: false },
      },
    ],
    series: [
      {},
      {
        stroke: () => resolved('--accent'),
        width: 2,
        points: { show: true, size: 5, fill: () => resolved('--accent') },
      },
      {
        stroke: () => resolved('--bad'),
        width: 0,
        paths: () => null,
        points: { show: true, size: 10, fill: () => resolved('--bad') },
      },
    ],
    hooks: {
      drawClear: [
        (u) => {
          const view = { endS: u.scales.x?.max ?? 0, seconds: shown().seconds }
          drawBands(u.ctx, session.timeline, view, resolved('--bad'), u.bbox)
          const hatch = { ground: resolved('--raised'), line: resolved('--line') }
          drawGaps(u.ctx, unjudged(session.timeline, view), view, u.bbox, hatch)
        },
      ],
      draw: [
        (u) => {
          line(u, 1, '--mute', [6 * devicePixelRatio, 4 * devicePixelRatio])
          if (shown().factor !== 1) line(u, shown().factor, '--watch', [])
        },
      ],
    },
  }
}
