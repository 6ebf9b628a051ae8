import { Box, Mic, Radio, Timer, Wifi, WifiOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../ui/format'
import { useLive } from './state'
import { useJudge } from './useJudge'

const FLOOR_DB = -80

/** Where the sound comes from, how loud it is, what judges it, how long that takes, and whether all is connected. */
export function StatusLine() {
  const { t } = useTranslation()
  const format = useFormat()
  const kind = useLive((live) => live.target?.kind)
  const deviceName = useLive((live) => live.deviceName)
  const rateHz = useLive((live) => live.rateHz)
  const droppedS = useLive((live) => Math.round(live.droppedS))
  const hasSound = useLive((live) => live.hasSound)
  const Device = kind === 'microphone' ? Mic : Radio
  return (
    <section className="card flex flex-wrap items-center gap-x-6 gap-y-2 px-4 py-3 text-xs text-mute">
      <Item icon={<Device size={14} aria-hidden />}>
        <span className="max-w-56 truncate text-ink">{deviceName || t('start.device_default')}</span>
        {rateHz > 0 && <span>{format.hz(rateHz)}</span>}
        {hasSound && <LevelMeter />}
      </Item>
      <Model />
      <Delay />
      {droppedS > 0 && (
        <span className="text-watch">{t('live.dropped', { seconds: format.number(droppedS) })}</span>
      )}
      <Connection />
    </section>
  )
}

function Item({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-2">
      {icon}
      {children}
    </span>
  )
}

function LevelMeter() {
  const { t } = useTranslation()
  const levelDb = useLive((live) => (live.phase === 'on' ? live.levelDb : null))
  const peak = useLive((live) => live.peak)
  const part = levelDb === null ? 0 : Math.min(1, Math.max(0, 1 - levelDb / FLOOR_DB))
  const isClipped = peak > 0.99
  const text = levelDb === null ? t('live.no_level') : t('live.level_value', { db: Math.round(levelDb) })
  return (
    <span
      role="meter"
      aria-label={t('live.level')}
      aria-valuemin={FLOOR_DB}
      aria-valuemax={0}
      aria-valuenow={Math.round(Math.max(FLOOR_DB, levelDb ?? FLOOR_DB))}
      aria-valuetext={text}
      className="inline-flex items-center gap-2"
      data-testid="level"
    >
      <span className="block h-2 w-24 overflow-hidden rounded-full border border-edge bg-bg">
        <span
          className={`block h-full origin-left ${isClipped ? 'bg-bad' : 'bg-ok'}`}
          style={{ transform: `scaleX(${part})` }}
        />
      </span>
      <span className="w-14 tabular-nums" aria-hidden>
        {text}
      </span>
    </span>
  )
}

function Model() {
  const { t } = useTranslation()
  const judge = useJudge()
  const named = useLive((live) => live.bundleName)
  const name = named ?? judge?.name
  return (
    <Item icon={<Box size={14} aria-hidden />}>
      <span>{t('live.bundle')}</span>
      <span className="max-w-48 truncate text-ink">{name ?? t('live.no_bundle')}</span>
      {judge && judge.name === name && <span>{t(`live.trust_${judge.trust}`)}</span>}
    </Item>
  )
}

/** From the last sample of the window to its result here; of other sources, what the computing took. */
function Delay() {
  const { t } = useTranslation()
  const format = useFormat()
  const latencyMs = useLive((live) => live.latencyMs)
  const inferMs = useLive((live) => live.result?.infer_ms ?? null)
  const [key, ms] =
    latencyMs === null ? (['live.infer', inferMs] as const) : (['live.latency', latencyMs] as const)
  if (ms === null) return null
  return (
    <Item icon={<Timer size={14} aria-hidden />}>
      <span>{t(key)}</span>
      <span className="text-ink tabular-nums" data-testid="latency">
        {t('live.latency_ms', { ms: format.number(ms, ms < 10 ? 1 : 0) })}
      </span>
    </Item>
  )
}

function Connection() {
  const { t } = useTranslation()
  const link = useLive((live) => (live.phase === 'paused' ? null : live.link))
  const isOpen = link === 'open'
  const key = isOpen ? 'live.connected' : link === 'connecting' ? 'live.connecting' : 'live.disconnected'
  return (
    <span
      className={`ml-auto inline-flex items-center gap-2 ${isOpen ? 'text-ok' : 'text-watch'}`}
      data-testid="connection"
    >
      {isOpen ? <Wifi size={14} aria-hidden /> : <WifiOff size={14} aria-hidden />}
      {t(key)}
    </span>
  )
}
