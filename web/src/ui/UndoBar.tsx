import { Undo2, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Button } from './Button'

interface Props {
  /** What was just done; nothing is shown without it. */
  text: string | null
  /** A key that undoes it, too. */
  shortcut?: string
  onUndo: () => void
  onDismiss: () => void
}

/** What was just done, and the way back. */
export function UndoBar({ text, shortcut, onUndo, onDismiss }: Props) {
  const { t } = useTranslation()
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-20 z-40 flex justify-center px-3 md:bottom-6"
    >
      {text !== null && (
        <div
          className="card pointer-events-auto flex items-center gap-3 border-edge py-2 pr-2 pl-4 text-sm"
          data-testid="undo"
        >
          {text}
          <Button icon={<Undo2 size={16} aria-hidden />} aria-keyshortcuts={shortcut} onClick={onUndo}>
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
