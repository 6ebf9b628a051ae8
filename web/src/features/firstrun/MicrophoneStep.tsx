import { useQuery } from '@tanstack/react-query'
import { CircleCheck, Hand, Mic, MicOff, TriangleAlert } from 'lucide-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { microphones } from '../../audio/capture'
import { heightOf, spanOf } from '../../audio/scale'
import { HertzAxis } from '../../ui/Axis'
import { Button } from '../../ui/Button'
import { Select } from '../../ui/Select'
import { Waterfall, drawGaps, fitted, gaps } from '../../ui/drawing'
import { useFrame } from '../../ui/useFrame'
import { trial, useTrial } from './trial'

const SECONDS = 10
const SLOTS = 512
const FLOOR_DB = -80

/** Step one: a microphone that is heard, seen, and clapped at. */
export function MicrophoneStep({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation()
  const phase = useTrial((now) => now.phase)
  return (
    <div className="flex flex-col items-start gap-4">
      <p>{t('first.microphone_lead')}</p>
      {phase === 'refused' && <Refused />}
      {phase === 'asking' && (
        <p role="status" className="font-semibold">
          {t('trouble.asking')}
        </p>
      )}
      {phase === 'on' ? (
        <Heard onDone={onDone} />
      ) : (
        <Button
          look="primary"
          className="min-h-12 px-5 text-base"
          disabled={phase === 'asking'}
          icon={<Mic size={20} aria-hidden />}
          onClick={() => void trial.begin(null)}
        >
          {t('first.open')}
        </Button>
      )}
    </div>
  )
}

function Refused() {
  const { t } = useTranslation()
  const refusal = useTrial((now) => now.refusal) ?? 'unknown'
  return (
    <div role="alert" className="flex items-start gap-3">
      <MicOff size={28} className="shrink-0 text-watch" aria-hidden />
      <div>
        <h2 className="font-semibold">{t(`trouble.${refusal}`)}</h2>
        <p className="text-sm">{t(`trouble.${refusal}_hint`, { name: t('start.device') })}</p>
      </div>
    </div>
  )
}

function Heard({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation()
  const isHeard = useTrial((now) => now.heard === 'clap')
  return (
    <>
      <Devices />
      <Meter />
      <Waves />
      <Clap />
      <Processed />
      <Button look={isHeard ? 'primary' : 'plain'} className="min-h-12 px-5 text-base" onClick={onDone}>
        {t(isHeard ? 'first.next' : 'first.next_anyway')}
      </Button>
    </>
  )
}

function Devices() {
  const { t } = useTranslation()
  const { deviceId, deviceName } = useTrial()
  const devices = useQuery({ queryKey: ['devices', 'allowed'], queryFn: microphones, staleTime: 0 })
  const found = devices.data ?? []
  if (found.length < 2) return <p className="text-sm text-mute">{deviceName}</p>
  return (
    <Select
      isLabelShown
      label={t('start.device')}
      value={deviceId}
      onChange={(id) => void trial.begin(id)}
      options={found.map(({ deviceId: id, label }) => [id, label] as const)}
    />
  )
}

function Meter() {
  const { t } = useTranslation()
  const levelDb = useTrial((now) => (now.levelDb === null ? null : Math.round(now.levelDb)))
  const isClipped = useTrial((now) => now.peak > 0.99)
  const part = levelDb === null ? 0 : Math.min(1, Math.max(0, 1 - levelDb / FLOOR_DB))
  const text = levelDb === null ? t('live.no_level') : t('live.level_value', { db: levelDb })
  return (
    <div
      role="meter"
      aria-label={t('live.level')}
      aria-valuemin={FLOOR_DB}
      aria-valuemax={0}
      aria-valuenow={Math.max(FLOOR_DB, levelDb ?? FLOOR_DB)}
      aria-valuetext={text}
      className="flex w-full items-center gap-3 text-sm"
      data-testid="level"
    >
      <span className="block h-3 grow overflow-hidden rounded-full border border-edge bg-bg">
        <span
          className={`block h-full origin-left ${isClipped ? 'bg-bad' : 'bg-ok'}`}
          style={{ transform: `scaleX(${part})` }}
        />
      </span>
      <span className="w-16 text-right tabular-nums" aria-hidden>
        {text}
      </span>
    </div>
  )
}

function Waves() {
  const { t } = useTranslation()
  const canvas = useRef<HTMLCanvasElement>(null)
  const waterfall = useRef<Waterfall>(null)
  const rateHz = useTrial((now) => now.rateHz)
  const span = spanOf(rateHz || 16_000)
  useFrame((nowMs) => {
    const context = canvas.current && fitted(canvas.current)
    if (!context) return
    const { timeline } = trial
    const view = { endS: timeline.edgeS(nowMs), seconds: SECONDS }
    waterfall.current ??= new Waterfall(SLOTS)
    waterfall.current.draw(context, timeline, view)
    drawGaps(context, gaps(timeline, view), view)
  })
  return (
    <div className="flex h-40 w-full">
      <HertzAxis heightOf={(hz) => heightOf(hz, span)} />
      <canvas
        ref={canvas}
        role="img"
        aria-label={t('first.spectrogram')}
        data-testid="spectrogram"
        className="picture h-full min-w-0 flex-1 rounded-md"
      />
    </div>
  )
}

const CLAPS = {
  waiting: [Hand, 'text-accent'],
  silent: [MicOff, 'text-watch'],
  clap: [CircleCheck, 'text-ok'],
} as const

function Clap() {
  const { t } = useTranslation()
  const heard = useTrial((now) => now.heard)
  const [Icon, colour] = CLAPS[heard]
  return (
    <p
      role="status"
      className={`flex items-center gap-2 font-semibold ${colour}`}
      data-testid="clap"
      data-heard={heard}
    >
      <Icon size={20} aria-hidden />
      {t(`first.clap_${heard}`)}
    </p>
  )
}

function Processed() {
  const { t } = useTranslation()
  const processing = useTrial((now) => now.processing)
  const what = (['agc', 'noise', 'echo'] as const).filter((name) => processing?.[name])
  if (what.length === 0) return null
  return (
    <p role="alert" className="flex items-start gap-2 text-sm text-watch">
      <TriangleAlert size={18} className="shrink-0" aria-hidden />
      {t('why.processing', { what: what.map((name) => t(`why.${name}`)).join(t('explain.joiner')) })}
    </p>
  )
}
