import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, use, useState } from 'react'
import { ApiError } from '../../api/client'
import { settingsApi, type SettingsChange, type SettingsInfo } from '../../api/settings'

type Work = (info: SettingsInfo) => Promise<SettingsInfo>

export interface Saving {
  info: SettingsInfo
  isBusy: boolean
  /** Whoever looks may change something. */
  mayChange: boolean
  save: (change: SettingsChange) => void
  /** Something that can't be undone. */
  run: (work: Work, done?: () => void) => void
}

export const SavingContext = createContext<Saving | null>(null)

/** What is set, and the way to change it; only below the page. */
export function useSaving(): Saving {
  const saving = use(SavingContext)
  if (saving === null) throw new Error('no settings here')
  return saving
}

/** What these settings were before. */
export function before(info: SettingsInfo, change: SettingsChange): SettingsChange {
  const known = info as unknown as Record<string, unknown>
  return Object.fromEntries(Object.keys(change).map((name) => [name, known[name]]))
}

/** The settings of the server; a change is sent at once, with what was seen last. */
export function useSettings(mayChange: boolean) {
  const queries = useQueryClient()
  const query = useQuery({ queryKey: ['settings'], queryFn: settingsApi.get })
  const [undoable, setUndoable] = useState<SettingsChange | null>(null)
  const change = useMutation({
    // One after the other: each names the revision that came of the one before.
    scope: { id: 'settings' },
    mutationFn: (work: Work) => {
      const info = queries.getQueryData<SettingsInfo>(['settings'])
      return info === undefined ? settingsApi.get() : work(info)
    },
    onSuccess: (info) => {
      queries.setQueryData(['settings'], info)
      void queries.invalidateQueries({ queryKey: ['sensitivity'] })
      void queries.invalidateQueries({ queryKey: ['config'] })
    },
    onError: () => queries.invalidateQueries({ queryKey: ['settings'] }),
  })
  const send = (wanted: SettingsChange, undo: SettingsChange | null) => {
    // Shown at once; where the server refuses it, what counts is shown again.
    queries.setQueryData<SettingsInfo>(
      ['settings'],
      (info) => info && ({ ...info, ...wanted } as SettingsInfo),
    )
    change.mutate((info) => settingsApi.change(info.revision, wanted), {
      onSuccess: () => {
        setUndoable(undo)
      },
    })
  }
  const saving: Saving | null = query.data
    ? {
        info: query.data,
        isBusy: change.isPending,
        mayChange,
        save: (wanted) => {
          const isSecret = 'webhook_secret' in wanted
          send(wanted, isSecret ? null : before(query.data, wanted))
        },
        run: (work, done) => {
          setUndoable(null)
          change.mutate(work, done ? { onSuccess: done } : {})
        },
      }
    : null
  return {
    query,
    saving,
    error: change.error,
    /** Somebody else has changed them since they were shown. */
    isStale: change.error instanceof ApiError && change.error.status === 409,
    lookAgain: () => {
      change.reset()
      void query.refetch()
    },
    undoable,
    undo: () => {
      if (undoable) send(undoable, null)
    },
    forgetUndo: () => {
      setUndoable(null)
    },
  }
}
