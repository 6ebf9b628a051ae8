import { CircleAlert, CircleCheck, Clock } from 'lucide-react'
import type { ReactNode, RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { explanationOf, evidenceOf, type EventDetail, type Label } from '../../api/types'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Forbidden } from '../../ui/Forbidden'
import { LabelMark } from '../../ui/LabelMark'
import { kindKey } from '../../ui/names'
import { useMay } from '../../ui/useScope'
import { driftLine, wholeLine, whyLine } from '../../ui/why'
import { Allow } from './Allow'
import { Everyday } from './Everyday'
import { Key } from './Key'
import { Naming } from './Naming'
import { NextTraining } from './NextTraining'
import { Rebaseline } from './Rebaseline'
import { Sounds } from './Sounds'
import { Picture } from './Picture'

interface Props {
  event: EventDetail
  audio: RefObject<HTMLAudioElement | null>
  onJudge: (label: Label) => void
}

/** One event: why, the picture, what it was compared with, and what a person says of it. */
export function Detail({ event, audio, onJudge }: Props) {
  const { t } = useTranslation()
  const format = useFormat()
  const mayJudge = useMay('listen')
  const mayChange = useMay('admin')
  const why = explanationOf(event)
  const evidence = evidenceOf(event)
  const whole = why && wholeLine(why, t, format)
  return (
    <article className="card flex flex-col gap-4 p-4" data-testid="detail" data-id={event.id}>
      <header>
        <div className="flex flex-wrap items-center justify-between gap-2">
          <p className="text-sm text-mute tabular-nums">
            {t(kindKey(event.kind))} · {format.moment(new Date(event.begun_at))}
          </p>
          <LabelMark label={event.label} />
        </div>
        <h2 className="text-xl font-bold" data-testid="why">
          {event.kind === 'drift'
            ? driftLine(event, t, format)
            : why
              ? whyLine(why, t, format)
              : t('explain.no_reason')}
        </h2>
        {whole && <p className="text-sm">{whole}</p>}
      </header>
      {evidence ? (
        <Picture evidence={evidence} why={why} />
      ) : (
        <p className="text-sm text-mute">{t('events.no_picture')}</p>
      )}
      <Everyday event={event} />
      <fieldset disabled={!mayJudge} className="flex min-w-0 flex-col gap-4">
        <Judging onJudge={onJudge} current={event.label} />
        <Naming key={`name ${event.id} ${event.name}`} event={event} />
      </fieldset>
      {mayJudge && <Sounds event={event} audio={audio} />}
      {mayChange && <Allow key={event.id} event={event} />}
      <NextTraining event={event} />
      {mayChange && <Rebaseline key={`rebaseline ${event.id}`} event={event} />}
      {!mayChange && <Forbidden what={mayJudge ? 'no_allowing' : 'needs_listen'} />}
      {why?.nearest && (
        <p className="text-sm">
          {t('explain.nearest', {
            recording: why.nearest.recording,
            from: t('unit.seconds', { n: format.number(why.nearest.start_s) }),
            to: t('unit.seconds', { n: format.number(why.nearest.end_s) }),
          })}
          <span className="block text-xs text-mute">
            {t('explain.nearest_distance', { distance: format.number(why.nearest.distance, 1) })}
          </span>
        </p>
      )}
      <Facts event={event} />
    </article>
  )
}

const JUDGEMENTS = [
  { label: 'anomaly', text: 'label.was_anomaly', key: 'A', Icon: CircleAlert },
  { label: 'normal', text: 'label.was_normal', key: 'N', Icon: CircleCheck },
  { label: 'unsure', text: 'label.hold', key: 'S', Icon: Clock },
] as const

function Judging({ onJudge, current }: { onJudge: (label: Label) => void; current: Label | null }) {
  const { t } = useTranslation()
  return (
    <div role="group" aria-label={t('events.judge')} className="flex flex-wrap gap-2">
      {JUDGEMENTS.map(({ label, text, key, Icon }) => (
        <Button
          key={label}
          aria-pressed={current === label}
          aria-keyshortcuts={key}
          icon={<Icon size={16} aria-hidden />}
          className="max-md:grow"
          onClick={() => {
            onJudge(label)
          }}
        >
          {t(text)}
          <Key name={key} />
        </Button>
      ))}
    </div>
  )
}

function Facts({ event }: { event: EventDetail }) {
  const { t } = useTranslation()
  const format = useFormat()
  const duration =
    event.status === 'begun'
      ? t('events.going_on')
      : t('events.duration', { seconds: format.number(event.end_s - event.start_s, 1) })
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-2 border-t border-line pt-3 text-sm sm:grid-cols-4">
      <Fact name={t('events.at')}>
        {format.clock(new Date(event.begun_at))} · {duration}
      </Fact>
      {event.peak_ratio > 0 && (
        <Fact name={t('events.peak')}>
          {t('events.peak_value', { ratio: format.number(event.peak_ratio, 2) })}
        </Fact>
      )}
      <Fact name={t('events.stream')}>{event.stream_name}</Fact>
      <Fact name={t('events.model')}>{event.bundle}</Fact>
      {event.suppressed > 0 && (
        <Fact name={t('events.windows')}>{t('events.merged', { n: format.number(event.suppressed) })}</Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-mute">{name}</dt>
      <dd className="break-words tabular-nums">{children}</dd>
    </div>
  )
}
