import { ArrowUp, MicOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { Button, buttonClass } from '../../ui/Button'
import { session } from './session'
import { SourcePicker } from './StartPanel'
import { useLive } from './state'

/** The microphone is being asked for, or cannot be had: what it is, and the way out. */
export function Trouble() {
  const { t } = useTranslation()
  const phase = useLive((live) => live.phase)
  const refusal = useLive((live) => live.refusal) ?? 'unknown'
  const name = useLive((live) => live.deviceName) || t('start.device')
  const target = useLive((live) => live.target)
  const isAsking = phase === 'asking'
  const Icon = isAsking ? ArrowUp : MicOff
  return (
    <section
      className="card mx-auto flex max-w-2xl flex-col items-start gap-4 p-6"
      data-testid="trouble"
      data-refusal={isAsking ? 'asking' : refusal}
    >
      <div role={isAsking ? 'status' : 'alert'} className="flex items-start gap-4">
        <Icon size={40} strokeWidth={1.75} className="shrink-0 text-watch" aria-hidden />
        <div>
          <h1 className="text-2xl font-bold">{t(isAsking ? 'trouble.asking' : `trouble.${refusal}`)}</h1>
          <p className="mt-1">{t(isAsking ? 'trouble.asking_hint' : `trouble.${refusal}_hint`, { name })}</p>
          {refusal === 'insecure' && !isAsking && <code className="mt-2 block">{localAddress()}</code>}
        </div>
      </div>
      <div className="flex flex-wrap gap-2">
        {!isAsking && refusal !== 'insecure' && target && (
          <Button look="primary" onClick={() => void session.begin(target)}>
            {t('app.retry')}
          </Button>
        )}
        <Button
          onClick={() => {
            session.end()
          }}
        >
          {t('app.back')}
        </Button>
        {!isAsking && (
          <Link
            href={refusal === 'insecure' ? '/settings#phone' : '/settings#help'}
            className={buttonClass('quiet')}
          >
            {t(refusal === 'insecure' ? 'trouble.https' : 'trouble.more')}
          </Link>
        )}
      </div>
      {!isAsking && <SourcePicker />}
    </section>
  )
}

function localAddress(): string {
  return `http://localhost${location.port === '' ? '' : `:${location.port}`}`
}
