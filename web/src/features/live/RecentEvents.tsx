import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { api } from '../../api/client'
import { explanationOf, type EventInfo } from '../../api/types'
import { useFormat } from '../../ui/format'
import { LabelMark } from '../../ui/LabelMark'
import { kindKey } from '../../ui/names'

const SHOWN = 6

export function RecentEvents() {
  const { t } = useTranslation()
  const events = useQuery({
    queryKey: ['events', 'recent'],
    queryFn: () => api.events({ limit: SHOWN }),
    refetchInterval: 15_000,
  })
  const found = events.data?.events ?? []
  return (
    <section className="card p-4" aria-labelledby="recent" data-testid="recent">
      <div className="mb-2 flex items-baseline justify-between gap-2">
        <h2 id="recent" className="font-semibold">
          {t('live.recent')}
        </h2>
        <Link href="/events" className="inline-flex min-h-6 items-center text-sm text-accent underline">
          {t('live.all_events')}
        </Link>
      </div>
      {found.length === 0 ? (
        <p className="text-sm text-mute">{t('live.recent_empty')}</p>
      ) : (
        <ul className="-mx-2 flex flex-col">
          {found.map((event) => (
            <Row key={event.id} event={event} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Row({ event }: { event: EventInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const why = explanationOf(event)
  return (
    <li>
      <Link href={`/events/${event.id}`} className="block rounded-lg px-2 py-2 no-underline hover:bg-raised">
        <span className="flex items-center justify-between gap-2 text-sm">
          <span className="tabular-nums">{format.clock(new Date(event.begun_at))}</span>
          <LabelMark label={event.label} />
        </span>
        <span className="block text-sm">{t(kindKey(event.kind))}</span>
        <span className="block text-xs text-mute tabular-nums">
          {why && `${format.band(why.low_hz, why.high_hz)} · `}
          {event.peak_ratio > 0 && t('events.peak_value', { ratio: format.number(event.peak_ratio, 2) })}
        </span>
      </Link>
    </li>
  )
}
