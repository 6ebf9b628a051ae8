import { useTranslation } from 'react-i18next'
import type { WindowInfo } from '../../api/types'
import { useFormat } from '../../ui/format'
import { heardAs } from '../../ui/heard'
import { StateMark } from '../../ui/States'
import { isJudged } from './reading'

/** The same as the pictures, in numbers. */
export function WindowTable({ windows, hasLimit }: { windows: WindowInfo[]; hasLimit: boolean }) {
  const { t } = useTranslation()
  const format = useFormat()
  const hasClasses = windows.some(({ label }) => label !== '')
  return (
    <div
      className="max-h-80 overflow-auto"
      tabIndex={0}
      role="region"
      aria-label={t('inspect.windows')}
      data-testid="windows"
    >
      <table className="w-full text-left text-sm tabular-nums">
        <thead className="text-xs text-mute">
          <tr>
            <th scope="col">{t('live.time')}</th>
            <th scope="col">{t('live.state')}</th>
            <th scope="col">{t('live.score')}</th>
            <th scope="col">{t('live.level')}</th>
            {hasClasses && <th scope="col">{t('inspect.classes')}</th>}
          </tr>
        </thead>
        <tbody>
          {windows.map((one) => (
            <tr key={one.start_s} className="border-t border-line">
              <td>
                {t('inspect.from_to', {
                  from: format.number(one.start_s, 1),
                  to: format.number(one.end_s, 1),
                })}
              </td>
              <td>{hasLimit || !isJudged(one) ? <StateMark state={one.state} /> : '–'}</td>
              <td>{hasLimit ? format.number(one.ratio, 2) : '–'}</td>
              <td>
                {one.level_db === null ? '–' : t('live.level_value', { db: format.number(one.level_db) })}
              </td>
              {hasClasses && <td>{heardAs(one, t, format) ?? '–'}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
