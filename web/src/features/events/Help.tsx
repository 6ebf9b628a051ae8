import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useTranslation } from 'react-i18next'

const KEYS = [
  ['J', 'events.key_next'],
  ['K', 'events.key_previous'],
  ['A', 'label.was_anomaly'],
  ['N', 'label.was_normal'],
  ['S', 'label.hold'],
  ['M', 'events.key_allow'],
  ['U', 'events.key_undo'],
  ['Space', 'events.key_play'],
  ['?', 'events.key_help'],
] as const

export function Help({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Dialog.Root
      open={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/60" />
        <Dialog.Content
          aria-describedby={undefined}
          className="card fixed top-1/2 left-1/2 z-50 w-[min(24rem,92vw)] -translate-x-1/2 -translate-y-1/2 border-edge p-5"
        >
          <div className="mb-3 flex items-center justify-between">
            <Dialog.Title className="text-lg font-bold">{t('events.keys')}</Dialog.Title>
            <Dialog.Close
              aria-label={t('app.close')}
              className="grid size-9 place-items-center rounded-lg hover:bg-raised"
            >
              <X size={18} aria-hidden />
            </Dialog.Close>
          </div>
          <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2 text-sm">
            {KEYS.map(([key, text]) => (
              <div key={key} className="contents">
                <dt>
                  <kbd className="inline-block min-w-8 rounded border border-edge px-2 py-0.5 text-center font-sans">
                    {key}
                  </kbd>
                </dt>
                <dd>{t(text)}</dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
