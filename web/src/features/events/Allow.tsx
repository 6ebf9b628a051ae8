import { useMutation, useQueryClient } from '@tanstack/react-query'
import { BellOff } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { api, type Allowed } from '../../api/client'
import type { EventDetail } from '../../api/types'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { Key } from './Key'
import { saidOf, takeBack, type Said } from './judging'
import { useKeys } from './useKeys'

/** It was normal, and is not to be told again: what that would change, before it is done; and how to undo it. */
export function Allow({ event }: { event: EventDetail }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  // The list stays as it is: it would take this event away, and with it the way to undo this.
  const settled = { onSettled: () => queries.invalidateQueries({ queryKey: ['bundles'] }) }
  const ask = useMutation({ mutationFn: () => api.allow(event.id, true) })
  const act = useMutation({
    mutationFn: async (said: Said) => ({ ...(await api.allow(event.id, false)), said }),
    ...settled,
  })
  const undo = useMutation({
    mutationFn: () => takeBack(act.data?.bundle?.id, event.id, act.data?.said ?? saidOf(event)),
    ...settled,
  })
  const forget = () => {
    ask.reset()
    act.reset()
  }
  const error = ask.error ?? act.error ?? undo.error
  const isBusy = ask.isPending || act.isPending || undo.isPending
  const isKept = event.has_heard || (event.has_clip && event.silenced === null)
  const isOffered = isKept && event.kind === 'anomaly'
  useKeys((key) => {
    if (key === 'allow' && isOffered && !isBusy && !ask.data) ask.mutate()
  })
  if (!isOffered) return null
  return (
    <div
      className="flex flex-col gap-2 rounded-[10px] border border-line p-3"
      data-testid="allow"
      onKeyDown={({ key }) => {
        if (key === 'Escape' && ask.data && !act.data && !isBusy) forget()
      }}
    >
      {act.data ? (
        <p className="text-sm" role="status">
          {t('allow.done')}
        </p>
      ) : ask.data ? (
        <Consequence found={ask.data} />
      ) : (
        <p className="text-sm text-mute">{t('allow.hint')}</p>
      )}
      {error && <Problem error={error} />}
      <div className="flex flex-wrap gap-2">
        {act.data ? (
          <Button
            disabled={isBusy}
            onClick={() => {
              undo.mutate(undefined, { onSuccess: forget })
            }}
          >
            {t('allow.undo')}
          </Button>
        ) : ask.data ? (
          <>
            <Confirm
              isBusy={isBusy}
              onConfirm={() => {
                act.mutate(saidOf(event))
              }}
            />
            <Button look="quiet" disabled={isBusy} onClick={forget}>
              {t('allow.leave')}
            </Button>
          </>
        ) : (
          <Button
            icon={<BellOff size={16} aria-hidden />}
            aria-keyshortcuts="M"
            disabled={isBusy}
            onClick={() => {
              ask.mutate()
            }}
          >
            {t(isBusy ? 'allow.busy' : 'allow.ask')}
            <Key name="M" />
          </Button>
        )}
      </div>
    </div>
  )
}

/** It has the focus as soon as it is there, so that Enter does it. */
function Confirm({ isBusy, onConfirm }: { isBusy: boolean; onConfirm: () => void }) {
  const { t } = useTranslation()
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    button.current?.focus()
  }, [])
  return (
    <Button
      ref={button}
      look="primary"
      disabled={isBusy}
      onKeyDown={(pressed) => {
        // Who held Enter down to ask has not read yet what would follow.
        if (pressed.repeat) pressed.preventDefault()
      }}
      onClick={onConfirm}
    >
      {t('allow.confirm')}
    </Button>
  )
}

function Consequence({ found }: { found: Allowed }) {
  const { t } = useTranslation()
  const format = useFormat()
  const gone = found.vanishing.length
  const missed = found.missed.length
  return (
    <div className="flex flex-col gap-1 text-sm" role="status">
      <p>
        {t('allow.ratio', { before: format.number(found.before, 2), after: format.number(found.after, 2) })}
      </p>
      <p>{t('allow.vanishing', { n: format.number(gone), of: format.number(found.compared) })}</p>
      {missed > 0 && (
        <p className="font-semibold text-bad">{t('allow.missed', { n: format.number(missed) })}</p>
      )}
      {!found.is_enough && <p className="text-watch">{t('allow.not_enough')}</p>}
    </div>
  )
}
