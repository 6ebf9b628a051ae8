import { useQuery } from '@tanstack/react-query'
import { Tabs } from 'radix-ui'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import { ApiError, api } from '../../api/client'
import { Forbidden } from '../../ui/Forbidden'
import { Problem } from '../../ui/Problem'
import { useMay } from '../../ui/useScope'
import { Files } from './Files'
import { Job, isOver } from './Job'
import { useJobNews } from '../../ui/jobNews'
import { Jobs } from './Jobs'
import { beginAnew, plan, see, type Way } from './plan'
import { NextSets } from './NextSets'
import { Prepare } from './Prepare'
import { Record } from './Record'
import { useRecording } from './recording'
import { sending } from './sending'

/** From sound to what listens: record or bring it, look at it, learn from it. */
export default function LearnPage() {
  const { t } = useTranslation()
  const { job, collection } = useStore(plan)
  const mayLearn = useMay('admin')
  useJobNews()
  useWhatRuns()
  return (
    <div className="flex flex-col gap-4">
      <section className="card mx-auto flex w-full max-w-3xl flex-col gap-5 p-5 md:p-6">
        <header>
          <h1 className="text-2xl font-bold">{t('learn.title')}</h1>
          <p className="mt-1 text-mute">{t('learn.lead')}</p>
        </header>
        {!mayLearn ? (
          <Forbidden what="needs_admin" />
        ) : job === null ? (
          <Sound collection={collection} />
        ) : (
          <Job
            id={job}
            onAgain={() => {
              plan.setState({ job: null })
            }}
          />
        )}
      </section>
      {mayLearn && <Jobs shown={job} />}
    </div>
  )
}

/** Whoever comes while something is being learned, sees that: after a reload, and in another tab. */
function useWhatRuns() {
  const jobs = useQuery({ queryKey: ['jobs'], queryFn: api.jobs })
  const running = jobs.data?.jobs.find((job) => job.form === '' && !isOver(job))
  useEffect(() => {
    const { job, collection } = plan.getState()
    if (running && job === null && collection === null) see(running)
  }, [running])
}

function Sound({ collection }: { collection: string | null }) {
  const { t } = useTranslation()
  const way = useStore(plan, (one) => one.way)
  const isRecorded = collection !== null && way === 'record'
  return (
    <>
      {!isRecorded && (
        <Tabs.Root
          value={way}
          onValueChange={(value) => {
            plan.setState({ way: value as Way })
          }}
        >
          <Tabs.List aria-label={t('learn.sound')} className="mb-4 flex gap-1 border-b border-line">
            {(['record', 'files'] as const).map((one) => (
              <Tabs.Trigger
                key={one}
                value={one}
                className="min-h-10 border-b-2 border-transparent px-4 data-[state=active]:border-accent data-[state=active]:font-semibold data-[state=active]:text-accent"
              >
                {t(`learn.way_${one}`)}
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          <Tabs.Content value="record">
            <Record />
          </Tabs.Content>
          <Tabs.Content value="files">
            <Files />
          </Tabs.Content>
        </Tabs.Root>
      )}
      {collection === null ? <NextSets /> : <Found collection={collection} />}
    </>
  )
}

function Found({ collection }: { collection: string }) {
  const { t } = useTranslation()
  const { done, isSending } = useStore(sending)
  const processing = useStore(plan, (one) => one.processing)
  const { step } = useRecording()
  const info = useQuery({
    queryKey: ['collection', collection, isSending ? Math.floor(done / 10) : done],
    queryFn: () => api.collection(collection),
    placeholderData: (before) => before,
    staleTime: 0,
  })
  const isGone = info.error instanceof ApiError && info.error.status === 404
  const isRecording = info.data?.items.some(({ is_recording }) => is_recording)
  useEffect(() => {
    if (isRecording !== undefined) plan.setState({ way: isRecording ? 'record' : 'files' })
  }, [isRecording])
  useEffect(() => {
    // A server that was started again, or one that had no room left, has forgotten it.
    if (isGone) beginAnew()
  }, [isGone])
  if (info.error && !isGone) return <Problem error={info.error} onRetry={() => void info.refetch()} />
  if (step !== 'idle' || !info.data || info.data.files === 0) return null
  if (isSending) return <p className="text-sm text-mute">{t('learn.wait_sent')}</p>
  return <Prepare key={collection} info={info.data} processing={processing} />
}
