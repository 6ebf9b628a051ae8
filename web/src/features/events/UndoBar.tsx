import { Undo2, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { labelKey } from '../../ui/names'
import type { Judged } from './useEvents'

interface Props {
  judged: Judged | null
  onUndo: () => void
  onDismiss: () => void
}

/** What was just recorded, and the way back. */
export function UndoBar({ judged, onUndo, onDismiss }: Props) {
  const { t } = useTranslation()
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-20 z-40 flex justify-center px-3 md:bottom-6"
    >
      {judged && (
        <div
          className="card pointer-events-auto flex items-center gap-3 border-edge py-2 pr-2 pl-4 text-sm"
          data-testid="undo"
        >
          {t('events.labelled', { label: t(labelKey(judged.label)) })}
          <Button icon={<Undo2 size={16} aria-hidden />} aria-keyshortcuts="U" onClick={onUndo}>
            {t('events.undo')}
          </Button>
          <button
            type="button"
            aria-label={t('app.dismiss')}
            className="grid size-9 place-items-center rounded-lg hover:bg-raised"
            onClick={onDismiss}
          >
            <X size={16} aria-hidden />
          </button>
        </div>
      )}
    </div>
  )
}
