import { useQuery } from '@tanstack/react-query'
import { GraduationCap, Mic, Radio } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { api } from '../../api/client'
import type { SourceInfo } from '../../api/types'
import { Button, buttonClass } from '../../ui/Button'
import { Forbidden } from '../../ui/Forbidden'
import { MicrophoneSelect } from '../../ui/MicrophoneSelect'
import { Problem } from '../../ui/Problem'
import { useMay } from '../../ui/useScope'
import { DemoStart, isDemo } from './DemoStart'
import { session } from './session'

/** Before anything was started: one button, no empty pictures. */
export function StartPanel() {
  const { t } = useTranslation()
  const bundles = useQuery({ queryKey: ['bundles'], queryFn: api.bundles })
  const hasNothing = bundles.data?.active === null
  const maySend = useMay('listen')
  return (
    <section className="card mx-auto flex max-w-2xl flex-col gap-5 p-6" data-testid="start">
      <div>
        <h1 className="text-2xl font-bold">{t('start.title')}</h1>
        <p className="mt-1 text-mute">{t('start.lead')}</p>
      </div>
      {bundles.error && <Problem error={bundles.error} onRetry={() => void bundles.refetch()} />}
      {hasNothing ? <LearnFirst /> : maySend ? <MicrophoneStart /> : <Forbidden what="needs_listen" />}
      <SourcePicker />
      <p className="text-xs text-mute">
        {t('app.privacy')}{' '}
        <Link href="/local" className="text-accent underline">
          {t('local.from_live')}
        </Link>
      </p>
    </section>
  )
}

function LearnFirst() {
  const { t } = useTranslation()
  const mayLearn = useMay('admin')
  return (
    <div className="rounded-card border border-line bg-raised p-4">
      <h2 className="font-semibold">{t('start.no_bundle')}</h2>
      <p className="mb-3 text-sm">{t('start.no_bundle_hint')}</p>
      {mayLearn ? (
        <Link href="/learn" className={buttonClass('primary')}>
          <GraduationCap size={18} aria-hidden />
          {t('start.learn')}
        </Link>
      ) : (
        <Forbidden what="needs_admin" />
      )}
    </div>
  )
}

function MicrophoneStart() {
  const { t } = useTranslation()
  const [deviceId, setDeviceId] = useState<string | null>(null)
  return (
    <div className="flex flex-col items-start gap-2">
      <Button
        look="primary"
        className="min-h-12 px-5 text-base"
        icon={<Mic size={20} aria-hidden />}
        onClick={() => void session.begin({ kind: 'microphone', deviceId })}
      >
        {t('start.microphone')}
      </Button>
      <p className="text-xs text-mute">{t('start.microphone_hint')}</p>
      {/* It comes a moment later, and must not move what somebody is about to press. */}
      <MicrophoneSelect value={deviceId} onChange={setDeviceId} least={2} />
    </div>
  )
}

/** What the server itself listens to; the simulated machine first. */
export function SourcePicker() {
  const { t } = useTranslation()
  const sources = useQuery({ queryKey: ['sources'], queryFn: api.sources, refetchInterval: 10_000 })
  const found = sources.data?.sources ?? []
  const others = found.filter((source) => !isDemo(source))
  const demo = found.find(isDemo)
  const hasDemo = useMay('admin') || demo !== undefined
  if (!sources.data || (!hasDemo && others.length === 0)) return null
  return (
    <div className="flex w-full flex-col gap-3 border-t border-line pt-4">
      {hasDemo && <DemoStart demo={demo} onWatch={(machine) => void watch(machine)} />}
      {others.length > 0 && (
        <>
          <h2 className="text-sm text-mute">{t('start.sources')}</h2>
          <ul className="flex flex-wrap gap-2">
            {others.map((source) => (
              <li key={source.id}>
                <Button icon={<Radio size={18} aria-hidden />} onClick={() => void watch(source)}>
                  {t('start.listen_to', { name: source.name })}
                  <span className="text-xs text-mute">{t(`source_state.${source.state}`)}</span>
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

async function watch(source: SourceInfo): Promise<void> {
  if (source.state === 'stopped' || source.state === 'ended' || source.state === 'failed') {
    await api.startSource(source.id).catch(() => undefined) // its state is told on the screen that opens
  }
  await session.begin({ kind: 'source', stream: source.stream, name: source.name })
}
