import { useQuery } from '@tanstack/react-query'
import { Fan, GraduationCap, Mic, Radio } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { api } from '../../api/client'
import type { SourceInfo } from '../../api/types'
import { microphones } from '../../audio/capture'
import { Button, buttonClass } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { Select } from '../../ui/Select'
import { session } from './session'

const DEFAULT = 'default'

/** Before anything was started: one button, no empty pictures. */
export function StartPanel() {
  const { t } = useTranslation()
  const bundles = useQuery({ queryKey: ['bundles'], queryFn: api.bundles })
  const hasNothing = bundles.data?.active === null
  return (
    <section className="card mx-auto flex max-w-2xl flex-col gap-5 p-6" data-testid="start">
      <div>
        <h1 className="text-2xl font-bold">{t('start.title')}</h1>
        <p className="mt-1 text-mute">{t('start.lead')}</p>
      </div>
      {bundles.error && <Problem error={bundles.error} onRetry={() => void bundles.refetch()} />}
      {hasNothing ? <LearnFirst /> : <MicrophoneStart />}
      <SourcePicker />
      <p className="text-xs text-mute">{t('app.privacy')}</p>
    </section>
  )
}

function LearnFirst() {
  const { t } = useTranslation()
  return (
    <div className="rounded-card border border-line bg-raised p-4">
      <h2 className="font-semibold">{t('start.no_bundle')}</h2>
      <p className="mb-3 text-sm">{t('start.no_bundle_hint')}</p>
      <Link href="/learn" className={buttonClass('primary')}>
        <GraduationCap size={18} aria-hidden />
        {t('start.learn')}
      </Link>
    </div>
  )
}

function MicrophoneStart() {
  const { t } = useTranslation()
  const [deviceId, setDeviceId] = useState(DEFAULT)
  // Names and numbers of microphones are known only once one was allowed.
  const devices = useQuery({ queryKey: ['devices'], queryFn: microphones, staleTime: 0 })
  const found = devices.data?.filter(({ deviceId: id, label }) => id !== DEFAULT && label !== '') ?? []
  return (
    <div className="flex flex-col items-start gap-2">
      {found.length > 1 && (
        <Select
          label={t('start.device')}
          isLabelShown
          value={deviceId}
          onChange={setDeviceId}
          options={[
            [DEFAULT, t('start.device_default')],
            ...found.map(({ deviceId: id, label }) => [id, label] as const),
          ]}
        />
      )}
      <Button
        look="primary"
        className="min-h-12 px-5 text-base"
        icon={<Mic size={20} aria-hidden />}
        onClick={() =>
          void session.begin({ kind: 'microphone', deviceId: deviceId === DEFAULT ? null : deviceId })
        }
      >
        {t('start.microphone')}
      </Button>
      <p className="text-xs text-mute">{t('start.microphone_hint')}</p>
    </div>
  )
}

/** What the server itself listens to; the simulated machine first. */
export function SourcePicker() {
  const { t } = useTranslation()
  const sources = useQuery({ queryKey: ['sources'], queryFn: api.sources, refetchInterval: 10_000 })
  const found = sources.data?.sources ?? []
  const demo = found.find(({ stream }) => stream === 'demo')
  const others = found.filter((source) => source !== demo)
  if (found.length === 0) return null
  return (
    <div className="flex w-full flex-col gap-3 border-t border-line pt-4">
      {demo && (
        <div className="flex flex-col items-start gap-2">
          <Button icon={<Fan size={18} aria-hidden />} onClick={() => void watch(demo)}>
            {t('start.demo')}
          </Button>
          <p className="text-xs text-mute">{t('start.demo_hint')}</p>
        </div>
      )}
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
