import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CirclePause,
  CloudOff,
  GraduationCap,
  MicOff,
  RefreshCw,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

const ICONS = {
  normal: CircleCheck,
  watch: TriangleAlert,
  anomaly: CircleAlert,
  no_signal: MicOff,
  waiting: CircleDashed,
  paused: CirclePause,
  reconnecting: RefreshCw,
  lost: CloudOff,
  stopped: CirclePause,
  no_bundle: GraduationCap,
  ended: CirclePause,
  no_limit: CircleHelp,
} satisfies Record<string, LucideIcon>

const TONES = { ok: 'text-ok', watch: 'text-watch', bad: 'text-bad', mute: 'text-mute' } as const

interface Props {
  word: keyof typeof ICONS
  tone: keyof typeof TONES
  /** The word in the reader's language. */
  text: string
  why: string
  isHeading?: boolean
  children: ReactNode
}

/** The word, why, and the number: in this order. An anomaly is announced once. */
export function VerdictFace({ word, tone, text, why, isHeading = false, children }: Props) {
  const { t } = useTranslation()
  const Icon = ICONS[word]
  const Word = isHeading ? 'h1' : 'p'
  return (
    <div className="flex min-w-0 items-center gap-4" data-testid="verdict" data-word={word}>
      <Icon size={44} strokeWidth={1.75} className={`shrink-0 ${TONES[tone]}`} aria-hidden />
      <div className="min-w-0">
        <Word
          role="status"
          aria-live="polite"
          className={`text-[34px] leading-tight font-bold ${TONES[tone]}`}
        >
          {text}
        </Word>
        <p className="text-sm" data-testid="reason">
          {why}
        </p>
        {children}
      </div>
      <p className="sr-only" aria-live="assertive">
        {word === 'anomaly' && t('word.anomaly')}
      </p>
    </div>
  )
}
