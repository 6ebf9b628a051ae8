import { useQuery } from '@tanstack/react-query'
import { CircleCheck, Radio } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { Button } from '../../ui/Button'
import LearnPage from '../learn/LearnPage'
import { SourcePicker } from '../live/StartPanel'
import { session } from '../live/session'
import { endFirst } from './first'
import { MicrophoneStep } from './MicrophoneStep'
import { trial } from './trial'

const STEPS = ['microphone', 'record', 'listen'] as const
type Step = (typeof STEPS)[number]

/** From nothing to being listened to, in three steps; any of them may be skipped, and the demo is one click away. */
export default function FirstRun() {
  const { t } = useTranslation()
  const [isTried, setIsTried] = useState(false)
  const bundles = useQuery({ queryKey: ['bundles'], queryFn: api.bundles })
  const learned = bundles.data?.bundles.find(({ active }) => active)
  useEffect(
    () => () => {
      trial.end()
    },
    [],
  )
  const step: Step = learned ? 'listen' : isTried ? 'record' : 'microphone'
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-4" data-testid="first">
      <section className="card flex flex-col gap-5 p-6">
        {step !== 'record' && (
          <div>
            <h1 className="text-2xl font-bold">{t('start.title')}</h1>
            <p className="mt-1 text-mute">{t('start.lead')}</p>
          </div>
        )}
        <Steps at={step} />
        {step === 'microphone' && (
          <MicrophoneStep
            onDone={() => {
              trial.end()
              setIsTried(true)
            }}
          />
        )}
        {learned && <ListenStep name={learned.name} />}
      </section>
      {step === 'record' && <LearnPage />}
      <section className="card flex flex-col gap-4 p-6">
        <SourcePicker />
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-xs text-mute">{t('app.privacy')}</p>
          <Button look="quiet" onClick={endFirst}>
            {t('first.skip')}
          </Button>
        </div>
      </section>
    </div>
  )
}

function Steps({ at }: { at: Step }) {
  const { t } = useTranslation()
  return (
    <ol className="flex flex-wrap gap-x-6 gap-y-1 text-sm" aria-label={t('first.steps')}>
      {STEPS.map((step, i) => (
        <li
          key={step}
          aria-current={step === at ? 'step' : undefined}
          className={`flex items-center gap-2 ${step === at ? 'font-semibold text-accent' : 'text-mute'}`}
        >
          <span className="grid size-6 place-items-center rounded-full border border-current tabular-nums">
            {i + 1}
          </span>
          {t(`first.step_${step}`)}
        </li>
      ))}
    </ol>
  )
}

function ListenStep({ name }: { name: string }) {
  const { t } = useTranslation()
  return (
    <div role="status" className="flex flex-col items-start gap-3" data-testid="ready">
      <p className="flex items-center gap-2 text-lg font-semibold text-ok">
        <CircleCheck size={22} aria-hidden />
        {t('first.ready', { name })}
      </p>
      <Button
        look="primary"
        className="min-h-12 px-5 text-base"
        icon={<Radio size={20} aria-hidden />}
        onClick={() => {
          endFirst()
          void session.begin({ kind: 'microphone', deviceId: null })
        }}
      >
        {t('first.listen')}
      </Button>
    </div>
  )
}
