import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, type JobInfo } from '../../api/client'
import { EndJob } from '../../ui/EndJob'
import { useFormat } from '../../ui/format'
import { isOver } from './Job'
import { useLookMs } from '../../ui/jobNews'
import { see } from './plan'

const LOOK_MS = 3000

/** What is learned and was learned on this server, by whoever asked for it. */
export function Jobs({ shown }: { shown: string | null }) {
  const { t } = useTranslation()
  const jobs = useQuery({ queryKey: ['jobs'], queryFn: api.jobs, refetchInterval: useLookMs(LOOK_MS) })
  const others = jobs.data?.jobs.filter(({ id, form }) => id !== shown && form === '') ?? []
  if (others.length === 0) return null
  return (
    <section className="card mx-auto flex w-full max-w-3xl flex-col gap-2 p-5" data-testid="jobs">
      <h2 className="font-semibold">{t('learn.jobs')}</h2>
      <ul className="flex flex-col">
        {others.map((job) => (
          <Line key={job.id} job={job} />
        ))}
      </ul>
    </section>
  )
}

function Line({ job }: { job: JobInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const colour = job.state === 'done' ? 'text-ok' : job.state === 'failed' ? 'text-bad' : 'text-mute'
  const words = isOver(job)
    ? t('learn.take_off', { name: job.name })
    : t('learn.cancel_job', { name: job.name })
  return (
    <li className="flex flex-wrap items-center gap-x-3 border-t border-line py-1 text-sm">
      <button
        type="button"
        className="min-h-10 min-w-0 grow text-left text-accent underline"
        onClick={() => {
          see(job)
        }}
      >
        {job.name}
      </button>
      <span className={colour}>{t(`learn.job_${job.state}`)}</span>
      <span className="text-mute tabular-nums">{format.clock(new Date(job.created_at))}</span>
      <EndJob id={job.id} words={words} />
    </li>
  )
}
