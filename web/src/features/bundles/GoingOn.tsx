import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Ear, Play, Square, Undo2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api, type GoingOnInfo } from '../../api/client'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { HeardSoFar } from '../../ui/HeardSoFar'

/** What a bundle has heard since it was learned, what may be promised by now, and how to begin, stop or undo it. */
export function GoingOn({ id, info }: { id: string; info: GoingOnInfo | null }) {
  const { t } = useTranslation()
  const format = useFormat()
  const queries = useQueryClient()
  const again = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['going-on'] }),
      queries.invalidateQueries({ queryKey: ['bundles'] }),
    ])
  const doing = info?.doing ?? 'off'
  const isOn = doing !== 'off'
  // What was allowed since is undone first, at its event.
  const isUndoable = info?.versions.at(-1)?.bundle === id
  const change = useMutation({ mutationFn: () => api.goOn(id, !isOn), onSettled: again })
  const undo = useMutation({ mutationFn: () => api.undoGoingOn(id), onSettled: again })
  const isBusy = change.isPending || undo.isPending
  const error = change.error ?? undo.error
  return (
    <section className="flex flex-col gap-1 rounded-lg bg-raised p-3 text-sm" data-testid="going-on">
      <h3 className="flex items-center gap-2 font-semibold">
        <Ear size={16} aria-hidden />
        {t('going_on.title')}
      </h3>
      <p role={info ? 'status' : undefined}>
        {info && <HeardSoFar info={info} />}{' '}
        {doing === 'listening'
          ? t('going_on.listening', { duration: format.duration(info?.due_s ?? 0) })
          : t(`going_on.${doing}`)}
      </p>
      {info && info.trouble !== '' && (
        <p className="text-watch">
          {t('going_on.trouble')} <span lang="en">{info.trouble}</span>
        </p>
      )}
      {info && info.versions.length > 0 && <Versions info={info} />}
      {undo.data && <p role="status">{t('going_on.undone')}</p>}
      {error && <Problem error={error} />}
      <div className="flex flex-wrap gap-2 pt-1">
        <Button
          disabled={isBusy}
          icon={isOn ? <Square size={16} aria-hidden /> : <Play size={16} aria-hidden />}
          onClick={() => {
            undo.reset()
            change.mutate()
          }}
        >
          {t(isOn ? 'going_on.stop' : 'going_on.go_on')}
        </Button>
        {isUndoable && (
          <Button
            disabled={isBusy}
            icon={<Undo2 size={16} aria-hidden />}
            onClick={() => {
              undo.mutate()
            }}
          >
            {t('going_on.undo')}
          </Button>
        )}
      </div>
    </section>
  )
}

function Versions({ info }: { info: GoingOnInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <details>
      <summary className="min-h-6 cursor-pointer">
        {t('going_on.versions', { n: info.versions.length })}
      </summary>
      <ul className="list-disc pl-6 tabular-nums">
        {info.versions.toReversed().map((version) => (
          <li key={version.bundle}>
            {t('going_on.version', {
              when: format.moment(new Date(version.made_at)),
              duration: format.duration(version.heard_s),
            })}
            {version.bundle === info.bundle && ` (${t('going_on.now')})`}
          </li>
        ))}
      </ul>
    </details>
  )
}
