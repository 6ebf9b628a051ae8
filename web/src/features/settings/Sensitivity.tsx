import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Gauge } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { settingsApi, type BundleSensitivity, type SourceSensitivity } from '../../api/settings'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { Select } from '../../ui/Select'
import { LearnsOn } from './LearnsOn'
import { Section } from './parts'
import { useSaving } from './useSettings'

const WORDS = [
  'settings.budget_hour',
  'settings.budget_6h',
  'settings.budget_day',
  'settings.budget_week',
  'settings.budget_month',
] as const
const AS_BUNDLE = 'bundle'

function isNear(one: number, other: number): boolean {
  return Math.abs(one / other - 1) < 0.05
}

/** How many false alarms are acceptable, and what follows from it. */
export function Sensitivity() {
  const { t } = useTranslation()
  const found = useQuery({ queryKey: ['sensitivity'], queryFn: settingsApi.sensitivity })
  const bundles = found.data?.bundles ?? []
  return (
    <Section id="sensitivity" title={t('live.sensitivity')} Icon={Gauge} hint={t('live.sensitivity_hint')}>
      {found.isPending && (
        // About as high as what comes: nothing below is pushed away.
        <p role="status" className="min-h-72">
          {t('app.loading')}
        </p>
      )}
      {found.error && <Problem error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && bundles.length === 0 && <p className="text-sm">{t('settings.no_limits')}</p>}
      {bundles.map((bundle) => (
        <OfBundle key={bundle.bundle} bundle={bundle} />
      ))}
      {found.data?.sources.map((source) => (
        <OfSource
          key={source.source}
          source={source}
          bundle={bundles.find(({ bundle }) => bundle === source.bundle)}
        />
      ))}
      {found.data && <LearnsOn sources={found.data.sources} />}
    </Section>
  )
}

function OfBundle({ bundle }: { bundle: BundleSensitivity }) {
  const { t } = useTranslation()
  const format = useFormat()
  const queries = useQueryClient()
  const { mayChange } = useSaving()
  const longTime = (hours: number) =>
    hours < 72 ? format.duration(hours * 3600) : t('settings.days_long', { n: format.number(hours / 24) })
  const change = useMutation({
    mutationFn: (budget: number) => api.setBudget(bundle.bundle, budget),
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ['sensitivity'] })
      await queries.invalidateQueries({ queryKey: ['bundles'] })
    },
  })
  const shown = change.isPending ? change.variables : bundle.budget_per_day
  return (
    <fieldset className="flex flex-col gap-1" data-testid="sensitivity">
      <legend className="mb-1 font-semibold">
        {t('settings.of_bundle', { name: bundle.name, heard: format.duration(bundle.heard_s) })}
      </legend>
      {bundle.steps.map((step, at) => {
        const word = WORDS[at]
        return (
          <label
            key={step.budget_per_day}
            className="flex min-h-10 flex-wrap items-center gap-x-3 py-1 text-sm"
          >
            <input
              type="radio"
              name={`budget-${bundle.bundle}`}
              className="size-4 accent-(--accent)"
              checked={isNear(step.budget_per_day, shown)}
              disabled={!mayChange || change.isPending}
              onChange={() => {
                change.mutate(step.budget_per_day)
              }}
            />
            <span className="min-w-40">{word && t(word)}</span>
            <span className="text-mute">
              {t('settings.limit_factor', { factor: format.number(step.limit_factor, 2) })}{' '}
              {step.hours_missing === null
                ? t('settings.promised')
                : t('settings.missing', { hours: longTime(step.hours_missing) })}
            </span>
          </label>
        )
      })}
      {bundle.trust === 'provisional' && <p className="text-sm text-watch">{t('settings.provisional')}</p>}
      {change.error && <Problem error={change.error} />}
    </fieldset>
  )
}

function OfSource({ source, bundle }: { source: SourceSensitivity; bundle: BundleSensitivity | undefined }) {
  const { t } = useTranslation()
  const { info, mayChange, save } = useSaving()
  const own = source.budget_per_day
  const steps = bundle?.steps ?? []
  const at = steps.findIndex(({ budget_per_day }) =>
    isNear(budget_per_day, own ?? bundle?.budget_per_day ?? 0),
  )
  const past = source.past_hour?.[at]
  if (!mayChange) return null
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
      <Select
        label={source.name}
        isLabelShown
        value={own === null ? AS_BUNDLE : String(at)}
        options={[
          [AS_BUNDLE, t('settings.as_bundle')],
          ...WORDS.map((word, position) => [String(position), t(word)] as const),
        ]}
        onChange={(wanted) => {
          const budget = wanted === AS_BUNDLE ? null : (steps[Number(wanted)]?.budget_per_day ?? null)
          const known = info.sources[source.source]
          save({
            sources: {
              ...info.sources,
              [source.source]: {
                patience: known?.patience ?? null,
                learns_on: known?.learns_on ?? null,
                budget_per_day: budget,
              },
            },
          })
        }}
      />
      {past !== undefined && <span className="text-mute">{t('settings.past_hour', { n: past })}</span>}
    </div>
  )
}
