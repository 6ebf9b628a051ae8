import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CheckInfo } from '../../api/types'
import type { Processing } from '../../audio/capture'
import { useFormat } from '../../ui/format'

const LOOKS = {
  good: [CircleCheck, 'text-ok'],
  watch: [TriangleAlert, 'text-watch'],
  bad: [CircleAlert, 'text-bad'],
} as const

/** What was looked at before anything is learned, each in words. */
export function Checks({ checks, processing }: { checks: CheckInfo[]; processing: Processing | null }) {
  const { t } = useTranslation()
  const words = useWords()
  const altered = (['agc', 'noise', 'echo'] as const).filter((name) => processing?.[name])
  const what = altered.map((name) => t(`why.${name}`)).join(t('explain.joiner'))
  return (
    <ul aria-label={t('learn.checks')} className="flex flex-col gap-1 text-sm" data-testid="checks">
      {processing && (
        <Check outcome={altered.length > 0 ? 'bad' : 'good'}>
          {altered.length > 0 ? t('why.processing', { what }) : t('learn.check_browser')}
        </Check>
      )}
      {checks.map((check) => (
        <Check key={check.name} outcome={check.outcome}>
          {words(check)}
        </Check>
      ))}
    </ul>
  )
}

function Check({ outcome, children }: { outcome: CheckInfo['outcome']; children: string }) {
  const { t } = useTranslation()
  const [Icon, colour] = LOOKS[outcome]
  return (
    <li className="flex items-start gap-2">
      <Icon size={18} className={`mt-px shrink-0 ${colour}`} aria-hidden />
      <span>
        <span className="sr-only">{t(`learn.outcome_${outcome}`)} </span>
        {children}
      </span>
    </li>
  )
}

function useWords() {
  const { t } = useTranslation()
  const format = useFormat()
  return ({ name, outcome, value, what }: CheckInfo): string => {
    const n = value ?? 0
    if (name === 'length') return t(`learn.check_length_${outcome}`, { duration: format.duration(n) })
    if (name === 'signal') return t(outcome === 'good' ? 'learn.check_signal' : 'learn.check_silent')
    if (name === 'clipping') {
      return outcome === 'good' ? t('learn.check_clipping') : t('learn.check_clipped', { n })
    }
    if (name === 'kind') return t(`learn.kind_${kindOf(what)}`, { period: format.number(n, 1) })
    if (outcome === 'good') return t('learn.check_variety')
    return what === 'cyclic'
      ? t('learn.check_few_cycles', { n: format.number(n) })
      : t('learn.check_short_variety')
  }
}

function kindOf(what: string): 'steady' | 'cyclic' | 'changing' {
  return what === 'cyclic' || what === 'changing' ? what : 'steady'
}
