import { useQuery } from '@tanstack/react-query'
import { Timer } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { Select } from '../../ui/Select'
import { NumberField, Section } from './parts'
import { consequences, withPatience, type Waiting } from './patience'
import { useSaving } from './useSettings'

/** How long something has to last before anyone is told, and how often: for all, and for each source. */
export function Patience() {
  const { t } = useTranslation()
  const { info, save } = useSaving()
  const found = useQuery({ queryKey: ['sources'], queryFn: api.sources })
  return (
    <Section id="patience" title={t('settings.patience')} Icon={Timer} hint={t('settings.patience_hint')}>
      <Fields
        value={info.patience}
        onChange={(patience) => {
          save({ patience })
        }}
      />
      <p className="text-sm text-mute">{t('settings.votes_hint')}</p>
      {found.error && <Problem error={found.error} onRetry={() => void found.refetch()} />}
      {found.data?.sources.map(({ id, name }) => (
        <OfSource key={id} source={id} name={name} />
      ))}
    </Section>
  )
}

function OfSource({ source, name }: { source: string; name: string }) {
  const { t } = useTranslation()
  const { info, mayChange, save } = useSaving()
  const own = info.sources[source]?.patience ?? null
  if (!mayChange) return null
  const set = (patience: Waiting | null) => {
    save({ sources: withPatience(info.sources, source, patience) })
  }
  return (
    <fieldset className="flex flex-col gap-3 border-t border-line pt-3" data-testid="own-patience">
      <legend className="sr-only">{t('settings.patience_of', { name })}</legend>
      <Select
        label={name}
        isLabelShown
        value={own === null ? 'all' : 'own'}
        options={[
          ['all', t('settings.patience_all')],
          ['own', t('settings.patience_own')],
        ]}
        onChange={(wanted) => {
          set(wanted === 'all' ? null : info.patience)
        }}
      />
      {own && <Fields value={own} onChange={set} />}
    </fieldset>
  )
}

function Fields({ value, onChange }: { value: Waiting; onChange: (value: Waiting) => void }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { mayChange } = useSaving()
  return (
    <>
      <NumberField
        label={t('settings.min_on')}
        unit={t('settings.seconds')}
        value={value.min_on_s}
        least={0}
        most={600}
        isDisabled={!mayChange}
        onChange={(seconds) => {
          onChange({ ...value, min_on_s: seconds ?? 0 })
        }}
      />
      <NumberField
        label={t('settings.merge')}
        unit={t('settings.seconds')}
        value={value.merge_s}
        least={0}
        most={3600}
        isDisabled={!mayChange}
        onChange={(seconds) => {
          onChange({ ...value, merge_s: seconds ?? 0 })
        }}
      />
      <NumberField
        label={t('settings.cooldown')}
        unit={t('settings.minutes')}
        value={value.cooldown_s / 60}
        least={0}
        most={1440}
        isDisabled={!mayChange}
        onChange={(minutes) => {
          onChange({ ...value, cooldown_s: (minutes ?? 0) * 60 })
        }}
      />
      <ul className="flex list-disc flex-col gap-1 pl-5 text-sm" data-testid="patience-means">
        {consequences(value).map(([key, seconds]) => (
          <li key={key}>{t(`settings.${key}`, { time: format.duration(seconds) })}</li>
        ))}
      </ul>
    </>
  )
}
