import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { MAX_DB, MIN_DB, heightOf, spanOf } from '../../audio/scale'
import type { Timeline } from '../../audio/timeline'
import { GUTTER_PX, HertzAxis } from '../../ui/Axis'
import { useFormat } from '../../ui/format'
import { Legend } from '../../ui/Legend'
import { Waterfall, drawBands, drawGaps, fitted, gaps, type View } from '../../ui/drawing'
import { useFrame } from '../../ui/useFrame'
import { localSession } from './session'
import { useLocal } from './state'

const SLOTS = 2048
/** Ratios above are drawn at the top. */
const TOP_RATIO = 3

/** The last seconds as a spectrogram, and below it how different they were, on one time axis. */
export function Pictures({ seconds }: { seconds: number }) {
  const { t } = useTranslation()
  const format = useFormat()
  const rateHz = useLocal((local) => local.rateHz)
  const span = spanOf(rateHz || 16_000)
  const levelDb = useLocal((local) => (local.levelDb === null ? null : Math.round(local.levelDb)))
  const ratio = useLocal((local) => local.verdict?.ratio ?? null)
  return (
    <div className="flex flex-col gap-2">
      <h2
        className="flex flex-wrap items-center gap-x-4 text-xs text-mute"
        style={{ paddingLeft: GUTTER_PX }}
      >
        {t('live.spectrogram')} · {t('live.last_seconds', { n: seconds })}
        <Legend
          text={t('live.legend')}
          low={t('live.level_value', { db: MIN_DB })}
          high={t('live.level_value', { db: MAX_DB })}
        />
      </h2>
      <div className="flex h-56">
        <HertzAxis heightOf={(hz) => heightOf(hz, span)} />
        <Spectrogram
          seconds={seconds}
          label={
            levelDb === null
              ? t('live.spectrogram_empty')
              : t('local.spectrogram_label', { seconds, level: levelDb })
          }
        />
      </div>
      <h2 className="text-xs text-mute" style={{ paddingLeft: GUTTER_PX }}>
        {t('live.score')} · {t('live.score_hint')}
      </h2>
      <div className="flex h-24">
        <div
          className="flex shrink-0 flex-col justify-between pr-2 text-right text-[11px] leading-none text-mute"
          style={{ width: GUTTER_PX }}
          aria-hidden
        >
          <span>≥{TOP_RATIO}</span>
          <span>0</span>
        </div>
        <ScoreLine
          seconds={seconds}
          label={t('live.score_label', { seconds, ratio: ratio === null ? '–' : format.number(ratio, 2) })}
        />
      </div>
    </div>
  )
}

interface Props {
  seconds: number
  label: string
}

function Spectrogram({ seconds, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const waterfall = useRef<Waterfall>(null)
  useFrame((nowMs) => {
    const context = canvas.current && fitted(canvas.current)
    if (!context) return
    const { timeline } = localSession
    const view = { endS: timeline.edgeS(nowMs), seconds }
    waterfall.current ??= new Waterfall(SLOTS)
    waterfall.current.draw(context, timeline, view)
    drawGaps(context, gaps(timeline, view), view)
    drawBands(context, timeline, view, '#ff7a6b')
  })
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={label}
      data-testid="spectrogram"
      className="picture h-full min-w-0 flex-1 rounded-md"
    />
  )
}

function ScoreLine({ seconds, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useFrame((nowMs) => {
    const context = canvas.current && fitted(canvas.current)
    if (!context) return
    const { timeline } = localSession
    drawScores(context, timeline, { endS: timeline.edgeS(nowMs), seconds })
  })
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={label}
      data-testid="score"
      className="h-full min-w-0 flex-1 rounded-md bg-raised text-accent"
    />
  )
}

function drawScores(context: CanvasRenderingContext2D, timeline: Timeline, view: View): void {
  const { width, height } = context.canvas
  const scale = height / context.canvas.clientHeight
  const style = getComputedStyle(context.canvas)
  const x = (s: number) => ((s - view.endS + view.seconds) / view.seconds) * width
  const y = (ratio: number) => height * (1 - Math.min(ratio, TOP_RATIO) / TOP_RATIO)
  context.clearRect(0, 0, width, height)
  drawBands(context, timeline, view, '#ff7a6b')
  context.strokeStyle = style.color
  context.setLineDash([6 * scale, 4 * scale])
  context.lineWidth = scale
  context.beginPath()
  context.moveTo(0, y(1))
  context.lineTo(width, y(1))
  context.stroke()
  context.setLineDash([])
  context.fillStyle = style.color
  for (const { endS, ratio, state } of timeline.marks) {
    if (state !== 'normal' && state !== 'anomaly') continue
    const radius = (state === 'anomaly' ? 5 : 3) * scale
    context.beginPath()
    context.arc(x(endS) - radius, Math.max(y(ratio), radius), radius, 0, 2 * Math.PI)
    context.fill()
  }
}
