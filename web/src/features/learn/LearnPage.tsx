import { useMutation, useQueryClient } from '@tanstack/react-query'
import { GraduationCap, Mic, MicOff } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { api, type Learned } from '../../api/client'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { ENOUGH_S, SECONDS, recording, useRecording, type Recorded } from './recording'
import { Ring } from './Ring'
import { Tiles } from './Tiles'

export default function LearnPage() {
  const { t } = useTranslation()
  const recorded = useRecording()
  return (
    <section className="card mx-auto flex max-w-3xl flex-col gap-5 p-5 md:p-6">
      <header>
        <h1 className="text-2xl font-bold">{t('learn.title')}</h1>
        <p className="mt-1 text-mute">{t('learn.lead')}</p>
      </header>
      <Now recorded={recorded} />
      {recorded.seconds.length > 0 && <Tiles seconds={recorded.seconds} />}
    </section>
  )
}

function Now({ recorded }: { recorded: Recorded }) {
  const { t } = useTranslation()
  switch (recorded.step) {
    case 'idle':
      return <Begin />
    case 'asking':
      return (
        <p role="status" className="font-semibold">
          {t('trouble.asking')}
        </p>
      )
    case 'refused':
      return <Refused refusal={recorded.refusal} />
    case 'recording':
      return <Progress count={recorded.seconds.length} />
    case 'lost':
      return <Lost count={recorded.seconds.length} />
    case 'learning':
      return (
        <p role="status" className="flex items-center gap-3 font-semibold">
          <GraduationCap size={24} className="animate-pulse text-accent" aria-hidden />
          {t('learn.learning')}
        </p>
      )
    case 'done':
      return <Done learned={recorded.learned} />
    case 'failed':
      return <Failed recorded={recorded} error={recorded.error} />
  }
}

function Begin() {
  const { t } = useTranslation()
  const [name, setName] = useState<string | null>(null)
  const shown = name ?? t('learn.name_default')
  return (
    <form
      className="flex flex-col items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        void recording.begin(shown.trim() || t('learn.name_default'))
      }}
    >
      <label className="flex flex-col gap-1 text-sm">
        {t('learn.name')}
        <input
          className="min-h-10 w-72 max-w-full rounded-[10px] border border-edge bg-surface px-3"
          maxLength={80}
          value={shown}
          onChange={({ target }) => {
            setName(target.value)
          }}
        />
      </label>
      <Button
        type="submit"
        look="primary"
        className="min-h-12 px-5 text-base"
        icon={<Mic size={20} aria-hidden />}
      >
        {t('learn.start')}
      </Button>
      <p className="text-sm text-mute">{t('learn.hint')}</p>
    </form>
  )
}

function Refused({ refusal }: { refusal: Extract<Recorded, { step: 'refused' }>['refusal'] }) {
  const { t } = useTranslation()
  return (
    <div role="alert" className="flex items-start gap-4">
      <MicOff size={32} className="shrink-0 text-watch" aria-hidden />
      <div>
        <h2 className="text-lg font-semibold">{t(`trouble.${refusal}`)}</h2>
        <p className="mb-3 text-sm">{t(`trouble.${refusal}_hint`, { name: t('start.device') })}</p>
        <Button
          look="primary"
          onClick={() => {
            recording.cancel()
          }}
        >
          {t('app.retry')}
        </Button>
      </div>
    </div>
  )
}

function Progress({ count }: { count: number }) {
  const { t } = useTranslation()
  return (
    <div className="flex flex-wrap items-center gap-6">
      <Ring part={count / SECONDS} text={String(SECONDS - count)} />
      <div>
        <h2 className="text-lg font-semibold">{t('learn.recording')}</h2>
        <p role="timer" className="mb-3 text-sm text-mute tabular-nums" data-testid="progress">
          {t('learn.progress', { n: count })}
        </p>
        <Button
          onClick={() => {
            recording.cancel()
          }}
        >
          {t('learn.stop')}
        </Button>
      </div>
    </div>
  )
}

function Lost({ count }: { count: number }) {
  const { t } = useTranslation()
  return (
    <div role="alert" className="flex flex-col items-start gap-3">
      <p>{t('learn.lost')}</p>
      <div className="flex flex-wrap gap-2">
        {count >= ENOUGH_S && (
          <Button look="primary" onClick={() => void recording.learn()}>
            {t('learn.finish')}
          </Button>
        )}
        <Again />
      </div>
    </div>
  )
}

function Again() {
  const { t } = useTranslation()
  return (
    <Button
      onClick={() => {
        recording.cancel()
      }}
    >
      {t('learn.again')}
    </Button>
  )
}

function Done({ learned }: { learned: Learned }) {
  const { t } = useTranslation()
  const format = useFormat()
  const queries = useQueryClient()
  const [, navigate] = useLocation()
  const { bundle } = learned
  const use = useMutation({
    mutationFn: () => api.activate(bundle.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['bundles'] })
      recording.cancel()
      navigate('/')
    },
  })
  return (
    <div role="status" className="flex flex-col items-start gap-2" data-testid="learned">
      <h2 className="text-lg font-semibold text-ok">{t('learn.done')}</h2>
      <p>{t('learn.done_lead', { name: bundle.name, seconds: format.number(learned.seconds_of_sound) })}</p>
      {bundle.promised_per_day !== null && (
        <p>{t('learn.done_budget', { rate: format.rate(bundle.promised_per_day) })}</p>
      )}
      <p className="text-sm text-mute">{t('learn.done_longer')}</p>
      {learned.notes.length > 0 && (
        <details className="text-sm text-mute">
          <summary>{t('app.details')}</summary>
          <ul lang="en" className="list-disc pl-5">
            {learned.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
      {use.error && <Problem error={use.error} />}
      <div className="mt-2 flex flex-wrap gap-2">
        <Button
          look="primary"
          onClick={() => {
            use.mutate()
          }}
        >
          {t('learn.use')}
        </Button>
        <Again />
      </div>
    </div>
  )
}

function Failed({ recorded, error }: { recorded: Recorded; error: unknown }) {
  const { t } = useTranslation()
  const silent = recorded.seconds.filter((state) => state === 'silent').length
  return (
    <div className="flex flex-col items-start gap-3">
      <h2 className="text-lg font-semibold text-bad">{t('learn.failed')}</h2>
      {silent > recorded.seconds.length / 2 && <p>{t('learn.too_quiet')}</p>}
      <Problem error={error} onRetry={() => void recording.learn()} />
      <Again />
    </div>
  )
}
