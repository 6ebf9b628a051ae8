import { useQuery } from '@tanstack/react-query'
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { useFormat } from '../../ui/format'
import { MAX_RATIO, TOP_RATIO } from './ScoreStrip'
import { useLive } from './state'

const MIN = 0.2
const STEP = 0.05
const PAD_PX = 6

interface Props {
  factor: number
  onFactor: (factor: number) => void
}

export function useWould(factor: number) {
  const stream = useLive((live) => live.stream)
  return useQuery({
    queryKey: ['would', stream, factor],
    queryFn: () => api.would(stream ?? '', factor),
    enabled: stream !== null,
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  })
}

/** A slider that stands on the limit's line: moved, it asks what another limit would have done. */
export function LimitHandle({ factor, onFactor }: Props) {
  const { t } = useTranslation()
  const format = useFormat()
  const track = useRef<HTMLDivElement>(null)
  const [isHeld, setIsHeld] = useState(false)
  const would = useWould(factor)

  const set = (value: number) => {
    onFactor(Math.min(MAX_RATIO, Math.max(MIN, Math.round(value / STEP) * STEP)))
  }
  const drag = ({ clientY }: PointerEvent) => {
    const box = track.current?.getBoundingClientRect()
    if (box) set(TOP_RATIO * (1 - (clientY - box.top - PAD_PX) / (box.height - 2 * PAD_PX)))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowUp: factor + STEP,
      ArrowRight: factor + STEP,
      ArrowDown: factor - STEP,
      ArrowLeft: factor - STEP,
      PageUp: factor + 10 * STEP,
      PageDown: factor - 10 * STEP,
      Home: MIN,
      End: MAX_RATIO,
    }
    const to = steps[event.key]
    if (to === undefined) return
    event.preventDefault()
    set(to)
  }

  const value = format.number(factor, 2)
  const text = would.data
    ? t('live.limit_value', { value, n: would.data.events })
    : t('live.limit_value_unknown', { value })
  const top = `calc(${PAD_PX}px + (100% - ${2 * PAD_PX}px) * ${1 - factor / TOP_RATIO})`
  return (
    <div
      ref={track}
      className="absolute inset-0 cursor-ns-resize touch-none"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setIsHeld(true)
        drag(event)
      }}
      onPointerMove={(event) => {
        if (isHeld) drag(event)
      }}
      onPointerUp={() => {
        setIsHeld(false)
      }}
    >
      <div
        role="slider"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={t('live.limit')}
        aria-valuemin={MIN}
        aria-valuemax={MAX_RATIO}
        aria-valuenow={Number(factor.toFixed(2))}
        aria-valuetext={text}
        onKeyDown={onKeyDown}
        className="absolute left-1 flex h-7 min-w-11 -translate-y-1/2 items-center justify-center rounded-md border border-edge bg-surface px-1.5 text-xs text-ink tabular-nums"
        style={{ top }}
      >
        {value}
      </div>
    </div>
  )
}
