import { useTranslation } from 'react-i18next'
import type { GoingOnInfo } from '../api/client'
import { useFormat } from './format'
import { promiseOf } from './useGoingOn'

/** How long it was heard, and what that lets one promise. */
export function HeardSoFar({ info }: { info: GoingOnInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { key, n } = promiseOf(info.promised_per_day)
  return (
    <>
      {t('going_on.heard', { duration: format.duration(info.heard_s) })}{' '}
      {t(`going_on.${key}`, { n: format.number(n), duration: format.duration(n) })}
    </>
  )
}
