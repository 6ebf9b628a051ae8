import { useQuery } from '@tanstack/react-query'
import {
  Bell,
  BellOff,
  Box,
  HardDriveDownload,
  LoaderCircle,
  Mic,
  MicOff,
  ShieldCheck,
  Square,
  Trash2,
} from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { chooseNotifications, useNotifications } from '../../app/notifications'
import { useQuiet } from '../../app/quiet'
import { Button } from '../../ui/Button'
import { DropZone } from '../../ui/DropZone'
import { useFormat } from '../../ui/format'
import { LocalProblem } from '../../ui/LocalProblem'
import { Problem } from '../../ui/Problem'
import { MicrophoneSelect } from '../../ui/MicrophoneSelect'
import { Forbidden } from '../../ui/Forbidden'
import { useIsNarrow } from '../../ui/useMedia'
import { useMay } from '../../ui/useScope'
import type { About } from '../../localengine/messages'
import { Events } from './Events'
import { Pictures } from './Pictures'
import { localSession } from './session'
import { useLocal } from './state'
import { Verdict } from './Verdict'

/** Listening without a server: the sound never leaves this browser. */
export default function LocalPage() {
  const { t } = useTranslation()
  const phase = useLocal((local) => local.phase)
  const about = useLocal((local) => local.about)
  const trouble = useLocal((local) => local.trouble)
  useEffect(() => {
    void localSession.resume()
  }, [])
  return (
    <div className="mx-auto flex max-w-5xl flex-col gap-4">
      <header>
        <h1 className="text-2xl font-bold">{t('local.title')}</h1>
        <p className="mt-1 flex items-start gap-2 text-sm text-mute">
          <ShieldCheck size={18} className="mt-0.5 shrink-0 text-ok" aria-hidden />
          {t('local.lead')}
        </p>
      </header>
      {trouble && <LocalProblem trouble={trouble} />}
      {phase === 'on' ? (
        <Listening />
      ) : (
        <>
          {about && <Opened about={about} />}
          {phase === 'opening' ? <Opening /> : <Choose hasOne={about !== null} />}
        </>
      )}
      <Events />
    </div>
  )
}

function Opening() {
  const { t } = useTranslation()
  return (
    <p role="status" className="card flex items-center gap-3 p-4 font-semibold">
      <LoaderCircle size={20} className="animate-spin text-accent" aria-hidden />
      {t('local.opening')}
    </p>
  )
}

/** A bundle from the disk, or the one that the server uses. */
function Choose({ hasOne }: { hasOne: boolean }) {
  const { t } = useTranslation()
  const isQuiet = useQuiet((quiet) => quiet.isQuiet)
  const bundles = useQuery({ queryKey: ['bundles'], queryFn: api.bundles, enabled: !isQuiet })
  const [error, setError] = useState<unknown>(null)
  const active = bundles.data?.bundles.find((bundle) => bundle.active)
  const take = async (id: string) => {
    setError(null)
    try {
      await localSession.open(await api.bundleFile(id))
    } catch (found) {
      setError(found)
    }
  }
  return (
    <section className="flex flex-col gap-3" aria-label={t('local.choose')}>
      {active && (
        <Take look={hasOne ? 'plain' : 'primary'} name={active.name} onTake={() => void take(active.id)} />
      )}
      {error !== null && <Problem error={error} />}
      <DropZone
        title={hasOne ? t('local.drop_another') : t('local.drop')}
        hint={t('local.drop_hint')}
        accept=".onnx"
        onFiles={([file]) => {
          if (file) void localSession.open(file)
        }}
      />
    </section>
  )
}

interface TakeProps {
  look: 'plain' | 'primary'
  name: string
  onTake: () => void
}

/** Shown only where the server is asked anyway: what a key may do is asked of it, too. */
function Take({ look, name, onTake }: TakeProps) {
  const { t } = useTranslation()
  const mayHear = useMay('listen')
  return (
    <>
      <Button
        className="self-start"
        look={look}
        disabled={!mayHear}
        icon={<HardDriveDownload size={18} aria-hidden />}
        onClick={onTake}
      >
        {t('local.take', { name })}
      </Button>
      {!mayHear && <Forbidden what="no_file" />}
    </>
  )
}

function Opened({ about }: { about: About }) {
  const { t } = useTranslation()
  const format = useFormat()
  const phase = useLocal((local) => local.phase)
  const refusal = useLocal((local) => local.refusal)
  const name = useLocal((local) => local.deviceName) || t('start.device')
  return (
    <section className="card flex flex-col items-start gap-3 p-4" data-testid="opened">
      <h2 className="flex items-center gap-2 text-lg font-semibold">
        <Box size={20} aria-hidden />
        {about.name}
      </h2>
      <p className="text-sm text-mute">
        {t('bundles.window_value', {
          window: format.number(about.windowS, 1),
          hop: format.number(about.hopS, 1),
          rate: format.hz(about.rateHz),
        })}
        {' · '}
        <span data-testid="proved" data-difference={about.difference}>
          {about.difference === 0
            ? t('bundles.proved_exactly')
            : t('bundles.proved', { difference: about.difference.toExponential(0) })}
        </span>
      </p>
      {!about.hasLimit && <p className="text-sm text-watch">{t('inspect.note_no_limit')}</p>}
      {phase === 'refused' && refusal && (
        <div role="alert" className="flex items-start gap-3" data-testid="trouble">
          <MicOff size={24} className="shrink-0 text-watch" aria-hidden />
          <div>
            <p className="font-semibold">{t(`trouble.${refusal}`)}</p>
            <p className="text-sm">{t(`trouble.${refusal}_hint`, { name })}</p>
          </div>
        </div>
      )}
      {phase === 'asking' && (
        <p role="status" className="font-semibold">
          {t('trouble.asking')}
        </p>
      )}
      <Start />
    </section>
  )
}

function Start() {
  const { t } = useTranslation()
  const [deviceId, setDeviceId] = useState<string | null>(null)
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button
        look="primary"
        icon={<Mic size={18} aria-hidden />}
        onClick={() => void localSession.begin(deviceId)}
      >
        {t('local.start')}
      </Button>
      <Button icon={<Trash2 size={16} aria-hidden />} onClick={() => void localSession.forget()}>
        {t('local.forget')}
      </Button>
      {/* It comes a moment later, and must not move what somebody is about to press. */}
      <MicrophoneSelect value={deviceId} onChange={setDeviceId} least={2} />
    </div>
  )
}

function Listening() {
  const { t } = useTranslation()
  const isNarrow = useIsNarrow()
  return (
    <>
      <section className="card flex flex-wrap items-center justify-between gap-x-4 gap-y-3 p-4">
        <Verdict />
        <div className="flex flex-wrap gap-2">
          <Notified />
          <Button
            icon={<Square size={16} aria-hidden />}
            onClick={() => {
              localSession.stop()
            }}
          >
            {t('live.stop')}
          </Button>
        </div>
      </section>
      <section className="card p-3 md:p-4">
        <Pictures seconds={isNarrow ? 10 : 30} />
      </section>
      <StatusLine />
    </>
  )
}

function Notified() {
  const { t } = useTranslation()
  const { isOn, isRefused } = useNotifications()
  return (
    <Button
      aria-pressed={isOn}
      title={isRefused ? t('offline.notify_refused') : undefined}
      icon={isOn ? <Bell size={16} aria-hidden /> : <BellOff size={16} aria-hidden />}
      onClick={() => void chooseNotifications(!isOn)}
    >
      {t('offline.notify')}
    </Button>
  )
}

function StatusLine() {
  const { t } = useTranslation()
  const format = useFormat()
  const { about, deviceName, rateHz, levelDb, peak, inferMs, skippedWindows } = useLocal()
  return (
    <section className="card flex flex-wrap items-center gap-x-6 gap-y-1 px-4 py-3 text-xs text-mute">
      <span className="inline-flex items-center gap-2">
        <Mic size={14} aria-hidden />
        <span className="max-w-56 truncate text-ink">{deviceName || t('start.device_default')}</span>
        {format.hz(rateHz)}
      </span>
      <span>
        {t('live.level')}{' '}
        <span className="text-ink tabular-nums">
          {levelDb === null ? t('live.no_level') : t('live.level_value', { db: Math.round(levelDb) })}
        </span>
      </span>
      <span className="inline-flex items-center gap-2">
        <Box size={14} aria-hidden />
        <span className="text-ink">{about?.name}</span>
      </span>
      {inferMs !== null && (
        <span>
          {t('live.infer')}{' '}
          <span className="text-ink tabular-nums">
            {t('live.latency_ms', { ms: format.number(inferMs, inferMs < 10 ? 1 : 0) })}
          </span>
        </span>
      )}
      {peak > 0.99 && <span className="text-watch">{t('why.clipped')}</span>}
      {skippedWindows > 0 && (
        <span className="text-watch">{t('local.skipped', { n: format.number(skippedWindows) })}</span>
      )}
    </section>
  )
}
