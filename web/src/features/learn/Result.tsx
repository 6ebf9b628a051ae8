import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { api, type JobInfo, type OutcomeInfo } from '../../api/client'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { Histogram } from './Histogram'
import { beginAnew } from './plan'
import { TryIt } from './TryIt'

/** What came of it, in words first. */
export function Result({ job, onAgain }: { job: JobInfo; onAgain: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [, navigate] = useLocation()
  const { outcome } = job
  const bundle = outcome?.bundle
  const use = useMutation({
    mutationFn: () => api.activate(bundle?.id ?? ''),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['bundles'] })
      beginAnew()
      navigate('/')
    },
  })
  if (!outcome) return null
  return (
    <div className="flex flex-col gap-3" data-testid="learned">
      <h2 role="status" className="flex items-center gap-2 text-lg font-semibold text-ok">
        <CircleCheck size={22} aria-hidden />
        {t('learn.done')}
      </h2>
      <Words job={job} outcome={outcome} />
      {outcome.histogram && <Histogram histogram={outcome.histogram} />}
      {outcome.notes.length > 0 && (
        <details className="text-sm text-mute">
          <summary>{t('app.details')}</summary>
          <ul lang="en" className="list-disc pl-5">
            {outcome.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
      {bundle ? <TryIt bundle={bundle.id} /> : <p>{t('learn.bundle_gone')}</p>}
      {use.error && <Problem error={use.error} />}
      <div className="mt-2 flex flex-wrap gap-2">
        {bundle && (
          <Button
            look="primary"
            onClick={() => {
              use.mutate()
            }}
          >
            {t('learn.use')}
          </Button>
        )}
        <Button onClick={onAgain}>{t('learn.change')}</Button>
        <Button onClick={beginAnew}>{t('learn.anew')}</Button>
      </div>
    </div>
  )
}

function Words({ job, outcome }: { job: JobInfo; outcome: OutcomeInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { bundle, histogram, figures, seconds_of_sound: seconds } = outcome
  const promised = bundle?.promised_per_day ?? null
  const accepted = bundle?.budget_per_day ?? promised ?? 0
  const isLate = promised !== null && promised > accepted
  const rates = { rate: format.rate(promised ?? accepted), accepted: format.rate(accepted) }
  return (
    <div className="flex flex-col gap-1">
      <p>{t('learn.done_lead', { name: job.name, seconds: format.number(seconds) })}</p>
      {histogram && (
        <p>
          {t('learn.below', {
            part: format.number(
              (100 * histogram.below) / histogram.n,
              histogram.below === histogram.n ? 0 : 1,
            ),
            below: format.number(histogram.below),
            n: format.number(histogram.n),
          })}
        </p>
      )}
      {promised === null ? (
        <p className="text-watch">{t('learn.no_limit')}</p>
      ) : (
        <p>{t(bundle?.trust === 'provisional' ? 'learn.too_early' : 'learn.done_budget', rates)}</p>
      )}
      {isLate && <p className="text-sm text-mute">{t('learn.done_longer', rates)}</p>}
      {figures['accuracy'] !== undefined && (
        <p>{t('learn.accuracy', { part: format.number(100 * figures['accuracy']) })}</p>
      )}
      {figures['auc'] !== undefined && <p>{t('learn.auc', { auc: format.number(figures['auc'], 3) })}</p>}
      {outcome.is_test_held_out && Object.keys(figures).length > 0 && (
        <p className="text-sm text-mute">{t('learn.flatters')}</p>
      )}
    </div>
  )
}
