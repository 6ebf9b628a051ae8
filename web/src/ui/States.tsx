import { CircleAlert, CircleCheck, CircleHelp, MicOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { WindowInfo } from '../api/types'

type State = WindowInfo['state']

const LOOKS = {
  normal: [CircleCheck, 'text-ok', 'word.normal'],
  anomaly: [CircleAlert, 'text-bad', 'word.anomaly'],
  no_signal: [MicOff, 'text-mute', 'word.no_signal'],
  unreliable: [CircleHelp, 'text-watch', 'kind.unreliable'],
} as const

export function stateLook(state: State) {
  const [Icon, colour, key] = LOOKS[state]
  return { Icon, colour, key }
}

/** What was found of a sound, as icon and word. */
export function StateMark({ state }: { state: State }) {
  const { t } = useTranslation()
  const { Icon, colour, key } = stateLook(state)
  return (
    <span className={`inline-flex items-center gap-1 whitespace-nowrap ${colour}`}>
      <Icon size={14} aria-hidden />
      {t(key)}
    </span>
  )
}
