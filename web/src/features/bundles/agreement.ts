import { useTranslation } from 'react-i18next'
import type { BundleInfo } from '../../api/client'
import { useFormat } from '../../ui/format'

/** How far a form for a small device agrees with the bundle that it was made of; empty for others. */
export function useAgreement(): (bundle: BundleInfo) => string {
  const { t } = useTranslation()
  const format = useFormat()
  return ({ form }) =>
    form === null
      ? ''
      : t('bundles.agreement', {
          n: format.number(form.windows),
          correlation: format.figure(form.correlation),
        })
}
