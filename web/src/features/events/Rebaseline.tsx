import { useMutation, useQueryClient } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import type { EventDetail } from '../../api/types'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { saidOf, takeBack, type Said } from './judging'

/** The machine sounds different since some hour: a fault, or the new normal, which is learned at once and can be undone. */
export function Rebaseline({ event }: { event: EventDetail }) {
  const { t } = useTranslation()
  const format = useFormat()
  const queries = useQueryClient()
  const settled = { onSettled: () => queries.invalidateQueries({ queryKey: ['bundles'] }) }
  const act = useMutation({
    mutationFn: async (said: Said) => ({ ...(await api.rebaseline(event.id)), said }),
    ...settled,
  })
  const undo = useMutation({
    mutationFn: () => takeBack(act.data?.bundle?.id, event.id, act.data?.said ?? saidOf(event)),
    ...settled,
  })
  const error = act.error ?? undo.error
  const isBusy = act.isPending || undo.isPending
  if (event.kind !== 'drift' || !event.has_heard) return null
  return (
    <div className="flex flex-col gap-2 rounded-[10px] border border-line p-3" data-testid="rebaseline">
      <p className="text-sm" role="status">
        {act.data
          ? t('drift.done', { minutes: format.number(act.data.seconds / 60) })
          : isBusy
            ? t('drift.busy')
            : t('drift.question')}
      </p>
      {error && <Problem error={error} />}
      <div>
        {act.data ? (
          <Button
            disabled={isBusy}
            onClick={() => {
              undo.mutate(undefined, { onSuccess: act.reset })
            }}
          >
            {t('allow.undo')}
          </Button>
        ) : (
          <Button
            icon={<RefreshCw size={16} aria-hidden />}
            disabled={isBusy}
            onClick={() => {
              act.mutate(saidOf(event))
            }}
          >
            {t('drift.accept')}
          </Button>
        )}
      </div>
    </div>
  )
}
