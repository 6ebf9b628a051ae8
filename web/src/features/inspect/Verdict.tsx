import { CircleHelp } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { explanationOf, type Inspection } from '../../api/types'
import { useFormat } from '../../ui/format'
import { heardAs } from '../../ui/heard'
import { stateLook } from '../../ui/States'
import { wholeLine, whyLine } from '../../ui/why'
import { isJudged } from './reading'

const NOT_CALLED = { Icon: CircleHelp, colour: 'text-ink', key: 'inspect.no_limit' } as const

/** The word, why, and the numbers: in this order. */
export function Verdict({ found }: { found: Inspection }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { verdict } = found
  // Without a limit nothing is an anomaly, and nothing is normal either: what it sounds like is all that is known.
  const isCalled = !found.notes.includes('no_limit') || !isJudged(verdict)
  const { Icon, colour, key } = isCalled ? stateLook(verdict.state) : NOT_CALLED
  const why = explanationOf(verdict)
  const whole = why && wholeLine(why, t, format)
  const heard = heardAs(verdict, t, format)
  return (
    <div className="flex min-w-0 items-start gap-4">
      <Icon size={44} strokeWidth={1.75} className={`shrink-0 ${colour}`} aria-hidden />
      <div className="min-w-0">
        <h2 role="status" className={`text-[28px] leading-tight font-bold ${colour}`} data-testid="word">
          {t(key)}
        </h2>
        {why && <p data-testid="why">{whyLine(why, t, format)}</p>}
        {whole && <p className="text-sm">{whole}</p>}
        {heard && (
          <p className="font-semibold" data-testid="heard">
            {heard}
          </p>
        )}
        <p className="text-sm tabular-nums" data-testid="score">
          {verdict.limit === null
            ? t('inspect.score_alone', { score: format.number(verdict.score, 2) })
            : t('inspect.score', {
                score: format.number(verdict.score, 2),
                limit: format.number(verdict.limit, 2),
                ratio: format.number(verdict.ratio, 2),
              })}
        </p>
        {verdict.state === 'anomaly' && verdict.rule !== 'recording' && (
          <p className="text-sm tabular-nums">
            {t('inspect.by_window', { ratio: format.number(verdict.largest_ratio, 2) })}
          </p>
        )}
        <p className="mt-1 text-xs break-all text-mute">
          {t('inspect.facts', {
            name: found.name,
            seconds: format.number(verdict.duration_s, 1),
            rate: format.hz(found.rate_hz),
            channels: found.channels,
            format: found.format,
            bundle: found.bundle.name,
          })}
        </p>
        {found.notes.map((note) => (
          <p key={note} className="text-xs text-watch">
            {t(`inspect.note_${note}`, { seconds: format.number(verdict.dropped_tail_s, 1) })}
          </p>
        ))}
      </div>
    </div>
  )
}
