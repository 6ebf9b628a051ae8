import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { explanationOf, type EventInfo } from '../../api/types'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { LabelMark } from '../../ui/LabelMark'
import { kindKey } from '../../ui/names'

interface Props {
  events: EventInfo[]
  selected: string | null
  onSelect: (id: string) => void
  onMore: (() => void) | null
}

export function EventList({ events, selected, onSelect, onMore }: Props) {
  const { t } = useTranslation()
  return (
    <section
      aria-label={t('events.list')}
      className="card flex max-h-[70dvh] min-w-0 flex-col overflow-y-auto p-2"
      tabIndex={0}
    >
      <ul className="flex flex-col gap-0.5">
        {events.map((event) => (
          <Row key={event.id} event={event} isSelected={event.id === selected} onSelect={onSelect} />
        ))}
      </ul>
      {onMore && (
        <Button className="m-2" onClick={onMore}>
          {t('events.more')}
        </Button>
      )}
    </section>
  )
}

function Row({
  event,
  isSelected,
  onSelect,
}: {
  event: EventInfo
  isSelected: boolean
  onSelect: (id: string) => void
}) {
  const { t } = useTranslation()
  const format = useFormat()
  const why = explanationOf(event)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (isSelected) button.current?.scrollIntoView({ block: 'nearest' })
  }, [isSelected])
  return (
    <li>
      <button
        ref={button}
        type="button"
        aria-current={isSelected}
        data-testid="row"
        className="w-full rounded-lg border-l-4 border-transparent px-3 py-2 text-left hover:bg-raised aria-[current=true]:border-accent aria-[current=true]:bg-raised"
        onClick={() => {
          onSelect(event.id)
        }}
      >
        <span className="flex items-center justify-between gap-2 text-sm">
          <span className="font-medium">{t(kindKey(event.kind))}</span>
          <LabelMark label={event.label} />
        </span>
        <span className="block text-xs text-mute tabular-nums">
          {format.moment(new Date(event.begun_at))}
        </span>
        <span className="block truncate text-xs text-mute tabular-nums">
          {why && `${format.band(why.low_hz, why.high_hz)} · `}
          {event.peak_ratio > 0 && t('events.peak_value', { ratio: format.number(event.peak_ratio, 2) })}
        </span>
      </button>
    </li>
  )
}
