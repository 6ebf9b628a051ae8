import { Download as Icon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { bundleAddress } from '../../api/client'
import { Button, buttonClass } from '../../ui/Button'
import { useMay } from '../../ui/useScope'

/** A bundle's file, for who may hear sound: seconds of it are in the file. */
export function Download({ id }: { id: string }) {
  const { t } = useTranslation()
  const icon = <Icon size={16} aria-hidden />
  if (!useMay('listen')) {
    return (
      <Button icon={icon} disabled>
        {t('bundles.download')}
      </Button>
    )
  }
  return (
    <a href={bundleAddress(id)} download className={buttonClass()}>
      {icon}
      {t('bundles.download')}
    </a>
  )
}
