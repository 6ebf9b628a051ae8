import { LifeBuoy } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Section } from './parts'

const ROWS = ['denied', 'https', 'cache', 'socket', 'wrong_alarms', 'missed', 'slow', 'learn'] as const

/** What goes wrong most often, and what to do. */
export function Help() {
  const { t } = useTranslation()
  return (
    <Section id="help" title={t('settings.help')} Icon={LifeBuoy}>
      <div className="flex flex-col">
        {ROWS.map((row) => (
          <details key={row} className="border-t border-line py-2 text-sm first:border-t-0">
            <summary className="min-h-6 font-semibold">{t(`settings.help_${row}`)}</summary>
            <p className="mt-1 whitespace-pre-line">{t(`settings.help_${row}_do`)}</p>
          </details>
        ))}
      </div>
    </Section>
  )
}
