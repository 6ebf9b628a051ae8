import { TriangleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ClassInfo } from '../../api/types'
import { useFormat } from '../../ui/format'

const SHOWN = 5

/** What it sounds like: the most probable classes, each with a bar. */
export function Classes({ classes, isKnown }: { classes: ClassInfo[]; isKnown: boolean | null }) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <section className="card p-4" aria-labelledby="classes">
      <h2 id="classes" className="mb-2 font-semibold">
        {t('inspect.classes')}
      </h2>
      {isKnown === false && <p className="mb-2 text-sm text-watch">{t('inspect.unknown')}</p>}
      <ol className="flex flex-col gap-2" data-testid="classes">
        {classes.slice(0, SHOWN).map(({ name, probability, is_alarm }) => (
          <li key={name} className="grid grid-cols-[minmax(6rem,12rem)_1fr_4rem] items-center gap-3 text-sm">
            <span className="flex min-w-0 items-center gap-1">
              <span className="truncate">{name}</span>
              {is_alarm && (
                <>
                  <TriangleAlert size={14} className="shrink-0 text-bad" aria-hidden />
                  <span className="sr-only">{t('inspect.alarm_class')}</span>
                </>
              )}
            </span>
            <span className="block h-3 overflow-hidden rounded-full border border-edge bg-bg" aria-hidden>
              <span
                className={`block h-full ${is_alarm ? 'bg-bad' : 'bg-accent'}`}
                style={{ width: `${100 * probability}%` }}
              />
            </span>
            <span className="text-right tabular-nums">
              {t('class.percent', { percent: format.number(100 * probability, 1) })}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
