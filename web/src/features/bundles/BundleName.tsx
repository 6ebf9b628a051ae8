import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, type BundleInfo } from '../../api/client'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'

const MAX_LETTERS = 80

/** What a model is called here, and a way to call it otherwise; its file stays as it is. */
export function BundleName({ bundle, title }: { bundle: BundleInfo; title: string }) {
  const { t } = useTranslation()
  const [isWriting, setIsWriting] = useState(false)
  return (
    <div className="min-w-0 grow">
      <div className="flex items-start gap-1">
        <h2 id={title} className="min-w-0 text-lg font-semibold break-words">
          {bundle.name}
        </h2>
        {!isWriting && (
          <button
            type="button"
            className="grid size-8 shrink-0 place-items-center rounded-lg text-mute hover:text-ink"
            aria-label={t('bundles.rename', { name: bundle.name })}
            onClick={() => {
              setIsWriting(true)
            }}
          >
            <Pencil size={16} aria-hidden />
          </button>
        )}
      </div>
      {isWriting && (
        <Form
          bundle={bundle}
          onDone={() => {
            setIsWriting(false)
          }}
        />
      )}
    </div>
  )
}

function Form({ bundle, onDone }: { bundle: BundleInfo; onDone: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const hint = useId()
  const [name, setName] = useState(bundle.name)
  const wanted = name.trim()
  const rename = useMutation({
    mutationFn: () => api.renameBundle(bundle.id, wanted),
    onSuccess: onDone,
    onSettled: () => queries.invalidateQueries({ queryKey: ['bundles'] }),
  })
  return (
    <form
      className="mt-1 flex flex-wrap items-center gap-2 text-sm"
      onSubmit={(submit) => {
        submit.preventDefault()
        if (wanted === bundle.name) onDone()
        else rename.mutate()
      }}
      onKeyDown={({ key }) => {
        if (key === 'Escape') onDone()
      }}
    >
      <input
        className="min-h-10 min-w-0 grow rounded-[10px] border border-edge bg-surface px-3"
        aria-label={t('bundles.name')}
        aria-describedby={hint}
        value={name}
        maxLength={MAX_LETTERS}
        autoFocus
        onChange={({ target }) => {
          setName(target.value)
        }}
      />
      <Button type="submit" look="primary" disabled={rename.isPending || wanted === ''}>
        {t('bundles.name_save')}
      </Button>
      <Button onClick={onDone}>{t('bundles.name_cancel')}</Button>
      <p id={hint} className="w-full text-xs text-mute">
        {t('bundles.name_hint')}
      </p>
      {rename.error && <Problem error={rename.error} />}
    </form>
  )
}
