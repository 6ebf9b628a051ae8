import { Info, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../ui/format'
import { useLive } from './state'

/** What happened meanwhile and has to be known, until it is dismissed. */
export function Notices() {
  const { t } = useTranslation()
  const format = useFormat()
  const wasStoppedForS = useLive((live) => live.wasStoppedForS)
  const changedTo = useLive((live) => live.changedTo)
  return (
    <>
      {wasStoppedForS !== null && (
        <Notice
          onDismiss={() => {
            useLive.setState({ wasStoppedForS: null })
          }}
        >
          {t('live.stopped_for', { duration: format.duration(wasStoppedForS) })}
        </Notice>
      )}
      {changedTo !== null && (
        <Notice
          onDismiss={() => {
            useLive.setState({ changedTo: null })
          }}
        >
          {t('live.bundle_changed', { name: changedTo })}
        </Notice>
      )}
    </>
  )
}

function Notice({ children, onDismiss }: { children: ReactNode; onDismiss: () => void }) {
  const { t } = useTranslation()
  return (
    <div role="status" className="card flex items-center gap-3 border-watch px-4 py-2 text-sm">
      <Info size={18} className="shrink-0 text-watch" aria-hidden />
      <p className="grow">{children}</p>
      <button
        type="button"
        aria-label={t('app.dismiss')}
        className="grid size-9 place-items-center rounded-lg hover:bg-raised"
        onClick={onDismiss}
      >
        <X size={16} aria-hidden />
      </button>
    </div>
  )
}
