import { useQueryClient } from '@tanstack/react-query'
import { Mic, MicOff } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { Checks } from './Checks'
import { ENOUGH_S, SECONDS, recording, useRecording, type Recorded } from './recording'
import { Ring } from './Ring'
import { Tiles } from './Tiles'

/** One minute through the microphone of this browser. */
export function Record() {
  const recorded = useRecording()
  // Not every second is told of; `flatMap` passes over those that are not.
  const marks = recorded.seconds.flatMap((state, second) =>
    state === 'ok' ? [] : [[second, state] as const],
  )
  return (
    <div className="flex flex-col gap-5">
      <Now recorded={recorded} />
      {recorded.step === 'recording' && <Checks checks={[]} processing={recorded.processing} />}
      {recorded.seconds.length > 0 && (
        <Tiles count={recorded.seconds.length} marks={Object.fromEntries(marks)} />
      )}
    </div>
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
      return <Lost count={recorded.seconds.length} isUneven={recorded.isUneven ?? false} />
    case 'keeping':
      return <p role="status">{t('app.loading')}</p>
    case 'failed':
      return <Failed error={recorded.error} />
  }
}

function Begin() {
  const { t } = useTranslation()
  const [name, setName] = useState<string | null>(null)
  const queries = useQueryClient()
  const shown = name ?? t('learn.name_default')
  return (
    <form
      className="flex flex-col items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        queries.removeQueries({ queryKey: ['collection'] })
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

function Lost({ count, isUneven }: { count: number; isUneven: boolean }) {
  const { t } = useTranslation()
  return (
    <div role="alert" className="flex flex-col items-start gap-3">
      <p>{t(isUneven ? 'learn.lost_uneven' : 'learn.lost')}</p>
      <div className="flex flex-wrap gap-2">
        {count >= ENOUGH_S && !isUneven && (
          <Button look="primary" onClick={() => void recording.finish()}>
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

function Failed({ error }: { error: unknown }) {
  const { t } = useTranslation()
  return (
    <div className="flex flex-col items-start gap-3">
      <h2 className="text-lg font-semibold text-bad">{t('learn.failed')}</h2>
      <Problem error={error} onRetry={() => void recording.finish()} />
      <Again />
    </div>
  )
}
