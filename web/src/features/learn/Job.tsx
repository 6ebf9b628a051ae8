import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Ban, CircleAlert, GraduationCap } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api, type JobInfo } from '../../api/client'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { ToldProblem } from '../../ui/ToldProblem'
import { Bar } from '../../ui/Bar'
import { useLookMs } from '../../ui/jobNews'
import { plan } from './plan'
import { Result } from './Result'

const LOOK_MS = 500

export function isOver({ state }: JobInfo): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled'
}

/** A job from the queue to what came of it; the server goes on with it when nobody looks. */
export function Job({ id, onAgain }: { id: string; onAgain: () => void }) {
  const lookMs = useLookMs(LOOK_MS)
  const job = useQuery({
    queryKey: ['job', id],
    queryFn: () => api.job(id),
    refetchInterval: ({ state: { data } }) => (data && isOver(data) ? false : lookMs),
  })
  if (job.error && !job.data) return <Gone error={job.error} />
  if (!job.data) return null
  switch (job.data.state) {
    case 'queued':
    case 'running':
      return <Progress job={job.data} />
    case 'done':
      return <Result job={job.data} onAgain={onAgain} />
    case 'failed':
      return <Failed job={job.data} onAgain={onAgain} />
    case 'cancelled':
      return <Cancelled onAgain={onAgain} />
  }
}

const STAGES = ['wait', 'start', 'hear', 'read', 'features', 'train', 'judge', 'keep'] as const

function Progress({ job }: { job: JobInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const queries = useQueryClient()
  const stage = STAGES.find((one) => one === job.stage) ?? 'start'
  const end = useMutation({
    mutationFn: () => api.endJob(job.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ['job', job.id] }),
  })
  return (
    <div className="flex flex-col gap-2" data-testid="job">
      <h2 className="flex items-center gap-3 text-lg font-semibold">
        <GraduationCap size={24} className="text-accent motion-safe:animate-pulse" aria-hidden />
        {t('learn.job', { name: job.name })}
      </h2>
      <p role="status" className="text-sm">
        {job.state === 'queued' ? t('learn.stage_queued', { n: job.ahead }) : t(`learn.stage_${stage}`)}
        {job.epoch !== null && job.epochs !== null && (
          <span className="tabular-nums"> {t('learn.epoch', { n: job.epoch, of: job.epochs })}</span>
        )}
      </p>
      <Bar label={t(`learn.stage_${stage}`)} part={job.part} />
      <p className="min-h-5 text-sm text-mute tabular-nums">
        {job.left_s !== null && t('learn.left', { duration: format.duration(job.left_s) })}
      </p>
      {end.error && <Problem error={end.error} />}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          icon={<Ban size={18} aria-hidden />}
          disabled={end.isPending}
          onClick={() => {
            end.mutate()
          }}
        >
          {t('learn.stop')}
        </Button>
        <span className="text-sm text-mute">{t('learn.goes_on')}</span>
      </div>
    </div>
  )
}

function Failed({ job, onAgain }: { job: JobInfo; onAgain: () => void }) {
  const { t } = useTranslation()
  return (
    <div role="alert" className="flex flex-col items-start gap-3" data-testid="failed">
      <h2 className="flex items-center gap-2 text-lg font-semibold text-bad">
        <CircleAlert size={22} aria-hidden />
        {t('learn.failed')}
      </h2>
      {job.trouble && (
        <p className="text-sm">
          <ToldProblem told={job.trouble} />
        </p>
      )}
      <p className="text-sm text-mute">{t('learn.kept')}</p>
      <Button look="primary" onClick={onAgain}>
        {t('learn.change')}
      </Button>
    </div>
  )
}

function Cancelled({ onAgain }: { onAgain: () => void }) {
  const { t } = useTranslation()
  return (
    <div role="status" className="flex flex-col items-start gap-3">
      <p>{t('learn.cancelled')}</p>
      <Button look="primary" onClick={onAgain}>
        {t('learn.change')}
      </Button>
    </div>
  )
}

/** A server that was started again knows nothing of it. */
function Gone({ error }: { error: unknown }) {
  const { t } = useTranslation()
  return (
    <div className="flex flex-col items-start gap-3">
      <Problem error={error} />
      <Button
        onClick={() => {
          plan.setState({ job: null })
        }}
      >
        {t('app.back')}
      </Button>
    </div>
  )
}
