import { RefreshCw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../features/live/state'
import { update, useVersions } from '../offline/register'
import { Button } from '../ui/Button'
import { useQuiet } from './quiet'

/** A newer version of the page is there; it comes when somebody asks for it, never by itself. */
export function UpdateBar() {
  const { t } = useTranslation()
  const isThere = useVersions(({ waiting, isOutdated }) => waiting !== null || isOutdated)
  const isLive = useLive(({ phase }) => phase === 'on')
  const isHere = useQuiet(({ isQuiet }) => isQuiet)
  if (!isThere) return null
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-center gap-3 border-b border-line bg-raised px-3 py-2 text-sm"
      data-testid="update"
    >
      {t('offline.update_there')}
      <Button look="primary" icon={<RefreshCw size={16} aria-hidden />} onClick={update}>
        {isLive || isHere ? t('offline.stop_and_update') : t('offline.update')}
      </Button>
    </div>
  )
}
