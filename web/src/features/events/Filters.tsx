import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { EVENT_KINDS, kindKey } from '../../ui/names'
import { Select } from '../../ui/Select'
import type { Choice } from './useEvents'

export function Filters({ choice, onChange }: { choice: Choice; onChange: (choice: Choice) => void }) {
  const { t } = useTranslation()
  const unreviewed = useQuery({
    queryKey: ['events', 'unreviewed'],
    queryFn: () => api.events({ label: 'none', limit: 1 }),
  })
  const sources = useQuery({ queryKey: ['sources'], queryFn: api.sources })
  const streams = sources.data?.sources ?? []
  const count = unreviewed.data?.total ?? 0
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div
        className="flex rounded-[10px] border border-line bg-surface p-0.5"
        role="group"
        aria-label={t('label.none')}
      >
        {(['unreviewed', 'all'] as const).map((tab) => (
          <button
            key={tab}
            type="button"
            aria-pressed={choice.tab === tab}
            className="min-h-9 rounded-lg px-3 text-sm aria-pressed:bg-raised aria-pressed:font-semibold aria-pressed:text-accent"
            onClick={() => {
              onChange({ ...choice, tab })
            }}
          >
            {t(`events.${tab}`)} {tab === 'unreviewed' && <span className="tabular-nums">{count}</span>}
          </button>
        ))}
      </div>
      <Select
        label={t('events.period')}
        value={choice.period}
        options={[
          ['all', t('events.period_all')],
          ['day', t('events.period_day')],
          ['week', t('events.period_week')],
        ]}
        onChange={(period) => {
          onChange({ ...choice, period })
        }}
      />
      <Select
        label={t('events.kind')}
        value={choice.kind}
        options={[
          ['', t('events.kind_any')],
          ...EVENT_KINDS.map((kind) => [kind, t(kindKey(kind))] as const),
        ]}
        onChange={(kind) => {
          onChange({ ...choice, kind })
        }}
      />
      {streams.length > 0 && (
        <Select
          label={t('events.stream')}
          value={choice.stream}
          options={[
            ['', t('events.stream_any')],
            ...streams.map(({ stream, name }) => [stream, name] as const),
          ]}
          onChange={(stream) => {
            onChange({ ...choice, stream })
          }}
        />
      )}
      <input
        type="search"
        aria-label={t('events.search')}
        placeholder={t('events.search')}
        className="min-h-10 w-40 min-w-0 rounded-[10px] border border-edge bg-surface px-3 text-sm placeholder:text-mute max-md:grow"
        value={choice.text}
        onChange={({ target }) => {
          onChange({ ...choice, text: target.value })
        }}
      />
    </div>
  )
}
