import { useTranslation } from 'react-i18next'
import { useFormat } from '../../ui/format'
import { useNow } from '../../ui/useNow'
import { session } from './session'

const ROWS = 15

const WORDS = {
  normal: 'word.normal',
  anomaly: 'word.anomaly',
  no_signal: 'word.no_signal',
  unreliable: 'kind.unreliable',
} as const

/** The same as the pictures, in numbers. */
export function ResultTable() {
  const { t } = useTranslation()
  const format = useFormat()
  const now = useNow()
  const edgeS = session.timeline.edgeS(now)
  const marks = session.timeline.marks.slice(-ROWS).reverse()
  const word = (state: string) => (state in WORDS ? t(WORDS[state as keyof typeof WORDS]) : state)
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-left text-sm tabular-nums">
        <caption className="sr-only">{t('live.score')}</caption>
        <thead className="text-xs text-mute">
          <tr>
            <th scope="col">{t('live.time')}</th>
            <th scope="col">{t('live.score')}</th>
            <th scope="col">{t('live.state')}</th>
          </tr>
        </thead>
        <tbody>
          {marks.map(({ endS, ratio, state }) => (
            <tr key={endS} className="border-t border-line">
              <td>{format.clock(new Date(now - 1000 * (edgeS - endS)))}</td>
              <td>{Number.isFinite(ratio) ? format.number(ratio, 2) : '–'}</td>
              <td>{word(state)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
