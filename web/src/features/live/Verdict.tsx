import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { explanationOf } from '../../api/types'
import { Button, buttonClass } from '../../ui/Button'
import { useFormat, type Format } from '../../ui/format'
import { heardAs } from '../../ui/heard'
import { useNow } from '../../ui/useNow'
import { VerdictFace } from '../../ui/VerdictFace'
import { whyLine } from '../../ui/why'
import { session } from './session'
import { useLive, type LiveState } from './state'
import { tell, type Reason } from './telling'

/** The word, why, and the number: in this order. */
export function Verdict() {
  const { t } = useTranslation()
  const format = useFormat()
  const now = useNow(500)
  const live = useLive()
  const telling = tell(live, now)
  const event = live.openEvent
  const why =
    event && (telling.word === 'anomaly' || telling.reason.key === 'recovering') ? explanationOf(event) : null
  return (
    <VerdictFace
      isHeading
      word={telling.word}
      tone={telling.tone}
      text={t(`word.${telling.word}`)}
      why={
        why && telling.word === 'anomaly' ? whyLine(why, t, format) : reasonText(telling.reason, t, format)
      }
    >
      <Heard live={live} now={now} />
      <Score live={live} now={now} />
      <WayOut reason={telling.reason} />
    </VerdictFace>
  )
}

/** What a classifier hears, and how surely, as long as that is the present. */
function Heard({ live, now }: { live: LiveState; now: number }) {
  const { t } = useTranslation()
  const format = useFormat()
  const isPresent = live.phase === 'on' && now - live.resultAtMs < 5000
  const heard = live.result && isPresent ? heardAs(live.result, t, format) : null
  return heard === null ? null : (
    <p className="font-semibold" data-testid="heard">
      {heard}
    </p>
  )
}

/** The number; of the past, it says how old it is. */
function Score({ live, now }: { live: LiveState; now: number }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { result } = live
  if (result?.state !== 'normal' && result?.state !== 'anomaly') return null
  const ageS = (now - live.resultAtMs) / 1000
  const isOld = ageS > 5 || live.phase === 'paused'
  return (
    <p
      className={`text-xs tabular-nums ${isOld ? 'text-mute line-through decoration-1' : 'text-mute'}`}
      data-testid="ratio"
      data-captured-ms={live.capturedMs ?? undefined}
    >
      {t('live.ratio_of', { ratio: format.number(result.ratio, 2) })}
      {isOld && ` (${t('live.age', { duration: format.duration(ageS) })})`}
    </p>
  )
}

function WayOut({ reason }: { reason: Reason }) {
  const { t } = useTranslation()
  if (reason.key === 'no_bundle') {
    return (
      <Link href="/learn" className={buttonClass('primary', 'mt-2')}>
        {t('start.learn')}
      </Link>
    )
  }
  const retry: Partial<Record<Reason['key'], () => void>> = {
    lost: () => {
      session.retry()
    },
    refused: () => {
      location.reload()
    },
    stopped: () => void session.goOn(),
    source_ended: () => void session.goOn(),
    source_failed: () => void session.goOn(),
  }
  const act = retry[reason.key]
  // No link: where the server can't be reached, no other screen can be fetched from it.
  const isOfLink = reason.key === 'lost' || reason.key === 'refused'
  return act ? (
    <>
      <Button look="primary" className="mt-2" onClick={act}>
        {t('app.retry')}
      </Button>
      {isOfLink && (
        <p className="mt-2 max-w-xl text-sm text-mute" data-testid="link-help">
          {t('why.link_help')}
        </p>
      )}
    </>
  ) : null
}

export function reasonText(reason: Reason, t: TFunction, format: Format): string {
  switch (reason.key) {
    case 'normal':
      return t('why.normal', { duration: format.duration(reason.calmS) })
    case 'warming':
      return t('why.warming', { seconds: format.number(reason.seconds) })
    case 'reconnecting':
    case 'reconnecting_watch':
      return t(`why.${reason.key}`, { n: format.number(reason.n) })
    case 'overloaded':
      return t('why.overloaded', { n: format.number(reason.n) })
    case 'lost':
    case 'stale':
      return t(`why.${reason.key}`, { duration: format.duration(reason.forS) })
    case 'refused':
      return t('why.refused', { code: String(reason.code) })
    case 'processing':
      return t('why.processing', {
        what: reason.what.map((name) => t(`why.${name}`)).join(t('explain.joiner')),
      })
    case 'source_failed':
      return t('why.source_failed', { error: reason.error })
    default:
      return t(`why.${reason.key}`)
  }
}
