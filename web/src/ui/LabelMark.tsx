import { Check, CircleAlert, CircleHelp, Clock } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Label } from '../api/types'
import { labelKey } from './names'

const MARKS = {
  none: [CircleHelp, 'text-watch'],
  anomaly: [CircleAlert, 'text-bad'],
  normal: [Check, 'text-ok'],
  unsure: [Clock, 'text-mute'],
} as const

/** What a person has said of an event, as icon and word. */
export function LabelMark({ label }: { label: Label | null }) {
  const { t } = useTranslation()
  const [Icon, colour] = MARKS[label ?? 'none']
  return (
    <span className={`inline-flex shrink-0 items-center gap-1 text-xs whitespace-nowrap ${colour}`}>
      <Icon size={14} aria-hidden />
      {t(labelKey(label))}
    </span>
  )
}
