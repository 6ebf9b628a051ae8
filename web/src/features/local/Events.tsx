import { Download, Trash2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { asCsv, type KeptEvent } from './kept'
import { localSession } from './session'
import { useLocal } from './state'

/** What was found here; it stays in this browser until it is deleted. */
export function Events() {
  const { t } = useTranslation()
  const events = useLocal((local) => local.events)
  return (
    <section className="card flex flex-col gap-3 p-4" aria-labelledby="local-events">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="local-events" className="font-semibold">
          {t('local.events')}
        </h2>
        {events.length > 0 && (
          <div className="flex flex-wrap gap-2">
            <Button
              icon={<Download size={16} aria-hidden />}
              onClick={() => {
                save(events)
              }}
            >
              {t('local.save_events')}
            </Button>
            <Button
              icon={<Trash2 size={16} aria-hidden />}
              onClick={() => {
                localSession.clearEvents()
              }}
            >
              {t('local.clear_events')}
            </Button>
          </div>
        )}
      </div>
      {events.length === 0 ? (
        <p className="text-sm text-mute">{t('live.recent_empty')}</p>
      ) : (
        <ol className="flex max-h-96 flex-col overflow-auto" data-testid="events" tabIndex={0}>
          {events.map((event) => (
            <Line key={event.key} event={event} />
          ))}
        </ol>
      )}
      <p className="text-xs text-mute">{t('local.events_hint')}</p>
    </section>
  )
}

function Line({ event }: { event: KeptEvent }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { begunAtMs, endedAtMs, peakRatio, bundle } = event
  return (
    <li className="flex flex-wrap gap-x-4 border-t border-line py-2 text-sm tabular-nums">
      <span className="font-semibold">{format.moment(new Date(begunAtMs))}</span>
      <span>
        {endedAtMs === null
          ? t('events.going_on')
          : t('events.duration', { seconds: format.number((endedAtMs - begunAtMs) / 1000, 1) })}
      </span>
      <span>{t('events.peak_value', { ratio: format.number(peakRatio, 2) })}</span>
      <span className="truncate text-mute">{bundle}</span>
    </li>
  )
}

function save(events: KeptEvent[]): void {
  const address = URL.createObjectURL(new Blob([asCsv(events)], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = address
  link.download = 'events.csv'
  link.click()
  URL.revokeObjectURL(address)
}
