import { Ear } from 'lucide-react'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventDetail } from '../../api/types'
import { useFormat } from '../../ui/format'
import { everydayOf, nameIn } from './everyday'

/** What the sound is like in everyday words: a hint of a network that never heard this machine. */
export function Everyday({ event }: { event: EventDetail }) {
  const { t, i18n } = useTranslation()
  const format = useFormat()
  const title = useId()
  const found = everydayOf(event)
  if (!found) return null
  return (
    <section aria-labelledby={title} className="flex flex-col gap-1 text-sm" data-testid="everyday">
      <h3 id={title} className="flex items-center gap-2 font-semibold">
        <Ear size={16} aria-hidden />
        {t('everyday.title')}
      </h3>
      <ul className="flex flex-wrap gap-x-4 gap-y-1">
        {found.names.map(({ name, probability }) => {
          const said = nameIn(i18n.language, name)
          return (
            <li key={name}>
              <span lang={said.lang}>{said.text}</span>{' '}
              <span className="text-mute tabular-nums">
                {t('class.percent', { percent: format.number(100 * probability) })}
              </span>
            </li>
          )
        })}
      </ul>
      <p className="text-xs text-mute">{t('everyday.hint', { by: found.by })}</p>
    </section>
  )
}
