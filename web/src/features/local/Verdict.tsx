import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { useFormat, type Format } from '../../ui/format'
import { heardAs } from '../../ui/heard'
import { useNow } from '../../ui/useNow'
import { VerdictFace } from '../../ui/VerdictFace'
import { useLocal } from './state'
import { tell, type Reason } from './telling'

/** The word, why, and the number: in this order. */
export function Verdict() {
  const { t } = useTranslation()
  const format = useFormat()
  const now = useNow(500)
  const local = useLocal()
  const { word, tone, reason } = tell(local, now)
  const { verdict } = local
  const isJudged = verdict?.state === 'normal' || verdict?.state === 'anomaly'
  const heard =
    verdict &&
    heardAs({ label: verdict.label, probability: verdict.probability, is_known: verdict.isKnown }, t, format)
  return (
    <VerdictFace
      word={word}
      tone={tone}
      text={word === 'no_limit' ? t('inspect.no_limit') : t(`word.${word}`)}
      why={reasonText(reason, t, format)}
    >
      {heard && <p className="font-semibold">{heard}</p>}
      {isJudged && local.about?.hasLimit && (
        <p className="text-xs text-mute tabular-nums" data-testid="ratio">
          {t('live.ratio_of', { ratio: format.number(verdict.ratio, 2) })}
        </p>
      )}
    </VerdictFace>
  )
}

function reasonText(reason: Reason, t: TFunction, format: Format): string {
  switch (reason.key) {
    case 'normal':
    case 'stale':
      return t(`why.${reason.key}`, { duration: format.duration(reason.forS) })
    case 'warming':
      return t('why.warming', { seconds: format.number(reason.seconds) })
    case 'processing':
      return t('why.processing', {
        what: reason.what.map((name) => t(`why.${name}`)).join(t('explain.joiner')),
      })
    case 'no_limit':
      return t('inspect.note_no_limit')
    default:
      return t(`why.${reason.key}`)
  }
}
