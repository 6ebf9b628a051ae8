import { useQuery, useQueryClient } from '@tanstack/react-query'
import { CircleAlert, CircleCheck } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { api, type JobInfo } from '../../api/client'
import { Bar } from '../../ui/Bar'
import { EndJob } from '../../ui/EndJob'
import { useFormat } from '../../ui/format'
import { useLookMs } from '../../ui/jobNews'
import { ToldProblem } from '../../ui/ToldProblem'
import { useAgreement } from './agreement'
import { Download } from './Download'

const LOOK_MS = 1000
const MIB = 2 ** 20

/** Forms for small devices that are being made, were made, or could not be. */
export function Exports() {
  const queries = useQueryClient()
  const jobs = useQuery({ queryKey: ['jobs'], queryFn: api.jobs, refetchInterval: useLookMs(LOOK_MS) })
  const forms = jobs.data?.jobs.filter(({ form, state }) => form !== '' && state !== 'cancelled') ?? []
  const made = forms.filter(({ state }) => state === 'done').length
  useEffect(() => {
    if (made > 0) void queries.invalidateQueries({ queryKey: ['bundles'] })
  }, [made, queries])
  if (forms.length === 0) return null
  return (
    <ul className="flex flex-col gap-2">
      {forms.map((job) => (
        <li key={job.id} className="card flex flex-wrap items-center gap-3 p-3 text-sm" data-testid="export">
          <Words job={job} />
          <End job={job} />
        </li>
      ))}
    </ul>
  )
}

function Words({ job }: { job: JobInfo }) {
  const { t } = useTranslation()
  if (job.state === 'done') return <Made job={job} />
  if (job.state === 'failed') {
    return (
      <div role="alert" className="min-w-0 grow basis-60">
        <p className="flex items-center gap-2 font-semibold text-bad">
          <CircleAlert size={16} aria-hidden />
          {t('bundles.making_failed', { name: job.name })}
        </p>
        {job.trouble && (
          <p>
            <ToldProblem told={job.trouble} />
          </p>
        )}
      </div>
    )
  }
  const words = t('bundles.making', { name: job.name })
  return (
    <div role="status" className="flex min-w-0 grow basis-60 flex-col gap-2">
      {words}
      <Bar label={words} part={job.part} />
    </div>
  )
}

function Made({ job }: { job: JobInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const agreement = useAgreement()
  const bundle = job.outcome?.bundle
  if (!bundle) return <p className="min-w-0 grow basis-60">{job.name}</p>
  return (
    <>
      <p role="status" className="min-w-0 grow basis-60">
        <CircleCheck size={16} className="mr-1 inline text-ok" aria-hidden />
        {t('bundles.small_made', {
          name: bundle.name,
          mib: format.about(bundle.size_bytes / MIB),
          agreement: agreement(bundle),
        })}
      </p>
      <Download id={bundle.id} />
    </>
  )
}

/** Stops what is being made, and takes what has ended off the list. */
function End({ job }: { job: JobInfo }) {
  const { t } = useTranslation()
  const hasEnded = job.state === 'done' || job.state === 'failed'
  return (
    <EndJob id={job.id} words={t(hasEnded ? 'bundles.dismiss' : 'bundles.making_stop', { name: job.name })} />
  )
}
