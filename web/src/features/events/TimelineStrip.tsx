import { useTranslation } from 'react-i18next'
import type { EventInfo } from '../../api/types'
import { useFormat } from '../../ui/format'
import { useNow } from '../../ui/useNow'
import { binsOf } from './bins'

interface Props {
  events: EventInfo[]
  total: number
  selected: string | null
  onSelect: (id: string) => void
}

const BINS = 48
const HOUR_MS = 3_600_000

/** When it happened: how many events in each stretch of time, from the oldest listed one to now. */
export function TimelineStrip({ events, total, selected, onSelect }: Props) {
  const { t } = useTranslation()
  const format = useFormat()
  const times = events.map(({ begun_at }) => Date.parse(begun_at))
  const end = useNow(60_000)
  const start = Math.min(...times, end - HOUR_MS)
  const bins = binsOf(times, start, end, BINS)
  const most = Math.max(1, ...bins)
  const at = events.findIndex(({ id }) => id === selected)
  const isLong = end - start > 20 * HOUR_MS
  const label = (time: number) => (isLong ? format.day(new Date(time)) : format.clock(new Date(time)))
  const jump = (bin: number) => {
    const from = start + (bin / BINS) * (end - start)
    const to = start + ((bin + 1) / BINS) * (end - start)
    const found = events.find((_, i) => (times[i] ?? 0) >= from && (times[i] ?? 0) <= to)
    if (found) onSelect(found.id)
  }
  return (
    <figure className="card px-4 pt-3 pb-2" data-testid="timeline">
      <svg
        viewBox={`0 0 ${BINS} 10`}
        preserveAspectRatio="none"
        className="h-10 w-full"
        role="img"
        aria-label={t('events.timeline', { n: total })}
      >
        <line x1={0} x2={BINS} y1={10} y2={10} stroke="var(--edge)" strokeWidth={0.3} />
        {bins.map((count, bin) => (
          <rect
            key={bin}
            x={bin + 0.1}
            width={0.8}
            y={10 - (9.5 * count) / most}
            height={(9.5 * count) / most}
            fill="var(--accent)"
            className="cursor-pointer"
            onClick={() => {
              jump(bin)
            }}
          />
        ))}
        {at >= 0 && (
          <rect
            x={(((times[at] ?? start) - start) / (end - start)) * BINS - 0.15}
            width={0.3}
            y={0}
            height={10}
            fill="var(--ink)"
          />
        )}
      </svg>
      <figcaption className="flex justify-between text-[11px] text-mute tabular-nums" aria-hidden>
        <span>{label(start)}</span>
        <span>{label(end)}</span>
      </figcaption>
    </figure>
  )
}
