import { useEffect, useRef, useState, type PointerEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { MAX_DB, MIN_DB, ROWS, heightOf, hertzAt, spanOf } from '../../audio/scale'
import { GUTTER_PX, HertzAxis } from '../../ui/Axis'
import { useFormat } from '../../ui/format'
import { Legend } from '../../ui/Legend'
import { Waterfall, drawBands, drawGaps, drawSpectrum, drawWave, fitted, gaps } from '../../ui/drawing'
import { session } from './session'
import { useLive } from './state'
import { useFrame } from '../../ui/useFrame'

const SLOTS = 2048

interface Props {
  seconds: number
  isDimmed: boolean
  hasWave: boolean
  hasSpectrum: boolean
  rightPx: number
  toggles: ReactNode
}

/** Spectrogram with its axis; waveform below and spectrum beside it, where asked for. */
export function Pictures({ seconds, isDimmed, hasWave, hasSpectrum, rightPx, toggles }: Props) {
  const { t } = useTranslation()
  const rateHz = useLive((live) => live.rateHz)
  const span = spanOf(rateHz || 16_000)
  const dimmed = isDimmed ? 'opacity-50 grayscale' : ''
  return (
    <div className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 pb-1">
        <h2 className="flex flex-wrap items-center gap-x-4 text-xs text-mute md:pl-13">
          {t('live.spectrogram')} · {t('live.last_seconds', { n: seconds })}
          <Legend
            text={t('live.legend')}
            low={t('live.level_value', { db: MIN_DB })}
            high={t('live.level_value', { db: MAX_DB })}
          />
        </h2>
        {toggles}
      </div>
      <div className={`flex h-56 md:h-64 ${dimmed}`}>
        <HertzAxis heightOf={(hz) => heightOf(hz, span)} />
        <Spectrogram seconds={seconds} span={span} />
        <div className="shrink-0" style={{ width: rightPx }}>
          {hasSpectrum && <Spectrum />}
        </div>
      </div>
      {hasWave && (
        <div className={`flex h-14 ${dimmed}`}>
          <span className="shrink-0 pr-2 text-right text-[11px] text-mute" style={{ width: GUTTER_PX }}>
            {t('live.waveform')}
          </span>
          <Wave seconds={seconds} />
          <div className="shrink-0" style={{ width: rightPx }} />
        </div>
      )}
    </div>
  )
}

function Spectrogram({ seconds, span }: { seconds: number; span: ReturnType<typeof spanOf> }) {
  const { t } = useTranslation()
  const format = useFormat()
  const canvas = useRef<HTMLCanvasElement>(null)
  const waterfall = useRef<Waterfall>(null)
  const [cursor, setCursor] = useState<{ x: number; y: number } | null>(null)
  const levelDb = useLive((live) => (live.levelDb === null ? null : Math.round(live.levelDb)))
  const loudestHz = useLoudestHz(span)
  useFrame((nowMs) => {
    const context = canvas.current && fitted(canvas.current)
    if (!context) return
    waterfall.current ??= new Waterfall(SLOTS)
    const view = { endS: session.timeline.edgeS(nowMs), seconds }
    waterfall.current.draw(context, session.timeline, view)
    drawGaps(context, gaps(session.timeline, view), view)
    drawBands(context, session.timeline, view, '#ff7a6b')
  })
  const point = ({ currentTarget, clientX, clientY }: PointerEvent) => {
    const box = currentTarget.getBoundingClientRect()
    setCursor({ x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height })
  }
  const label =
    levelDb === null
      ? t('live.spectrogram_empty')
      : t('live.spectrogram_label', { seconds, hz: format.hz(loudestHz), level: levelDb })
  return (
    <div className="relative min-w-0 flex-1">
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        data-testid="spectrogram"
        className="picture absolute inset-0 size-full rounded-md"
        onPointerMove={point}
        onPointerLeave={() => {
          setCursor(null)
        }}
      />
      {cursor && (
        <span
          className="pointer-events-none absolute top-1 right-1 rounded bg-black/80 px-1.5 text-[11px] text-white"
          aria-hidden
        >
          {format.hz(hertzAt(1 - cursor.y, span))} · {format.number((cursor.x - 1) * seconds, 1)}
        </span>
      )}
    </div>
  )
}

/** Where the present sound is strongest, told once in two seconds so that the words do not flicker. */
function useLoudestHz(span: ReturnType<typeof spanOf>): number {
  const [row, setRow] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => {
      const { timeline } = session
      const slot = timeline.slotOf(timeline.newestColumn)
      if (slot < 0) return
      const levels = timeline.levels.subarray(slot * ROWS, (slot + 1) * ROWS)
      setRow(levels.indexOf(Math.max(...levels)))
    }, 2000)
    return () => {
      clearInterval(timer)
    }
  }, [])
  return hertzAt((row + 0.5) / ROWS, span)
}

function Wave({ seconds }: { seconds: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useFrame((nowMs) => {
    const context = canvas.current && fitted(canvas.current)
    if (!context) return
    const view = { endS: session.timeline.edgeS(nowMs), seconds }
    drawWave(context, session.timeline, view, getComputedStyle(context.canvas).color)
    drawBands(context, session.timeline, view, '#ff7a6b')
  })
  return (
    <canvas ref={canvas} className="h-full min-w-0 flex-1 text-accent" aria-hidden data-testid="waveform" />
  )
}

function Spectrum() {
  const { t } = useTranslation()
  const canvas = useRef<HTMLCanvasElement>(null)
  useFrame(() => {
    const context = canvas.current && fitted(canvas.current)
    if (context) drawSpectrum(context, session.timeline, getComputedStyle(context.canvas).color)
  })
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={t('live.spectrum_label')}
      data-testid="spectrum"
      className="size-full pl-2 text-accent"
    />
  )
}
