import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
} from '@tanstack/react-query'
import { useState } from 'react'
import { api, type EventFilter } from '../../api/client'
import type { EventInfo, Label } from '../../api/types'
import { saidOf, say, withJudged, type Judged, type Said } from './judging'

type Listed = InfiniteData<Awaited<ReturnType<typeof api.events>>>

const PAGE = 100
const LISTS = ['events', 'list']
const DAY_MS = 86_400_000

export interface Choice {
  tab: 'unreviewed' | 'all'
  period: 'day' | 'week' | 'all'
  kind: string
  stream: string
  text: string
}

export const ALL: Choice = { tab: 'all', period: 'all', kind: '', stream: '', text: '' }
export const FIRST: Choice = { ...ALL, tab: 'unreviewed' }

const DAYS = { day: 1, week: 7, all: null }

export function filterOf(choice: Choice, now: Date): EventFilter {
  const days = DAYS[choice.period]
  return {
    ...(choice.tab === 'unreviewed' && { label: 'none' as const }),
    ...(days !== null && { since: new Date(now.getTime() - days * DAY_MS).toISOString() }),
    ...(choice.kind !== '' && { kind: choice.kind }),
    ...(choice.stream !== '' && { stream: choice.stream }),
    ...(choice.text !== '' && { text: choice.text }),
  }
}

/** Of what is listed that which belongs there still: what was judged a moment ago is no longer unreviewed. */
export function leftOf(choice: Choice, events: EventInfo[]): EventInfo[] {
  return choice.tab === 'unreviewed' ? events.filter(({ label }) => label === null) : events
}

/** What nobody has judged comes first; within that, the newest. */
export function inOrder(events: EventInfo[]): EventInfo[] {
  const rank = ({ label }: EventInfo) => (label === null ? 0 : 1)
  return events.toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? 1 : -1))
}

export function useEventList(choice: Choice) {
  return useInfiniteQuery({
    queryKey: [...LISTS, choice],
    queryFn: ({ pageParam }) =>
      api.events({
        ...filterOf(choice, new Date()),
        limit: PAGE,
        ...(pageParam !== null && { before: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
}

export function useEvent(id: string | null) {
  return useQuery({
    queryKey: ['events', 'one', id],
    queryFn: () => api.event(id ?? ''),
    enabled: id !== null,
    placeholderData: keepPreviousData,
  })
}

/** One after the other: what was said last is what counts, however long each takes on its way. */
export const JUDGING = { mutationKey: ['judging'], scope: { id: 'judging' } }

/** A list as the server will tell it once it knows what was said of one event. */
export function withSaid(list: Listed | undefined, id: string, said: Said): Listed | undefined {
  return (
    list && {
      ...list,
      pages: list.pages.map((page) => ({
        ...page,
        events: page.events.map((event) => (event.id === id ? { ...event, ...said } : event)),
      })),
    }
  )
}

/** Judging, and taking judgements back, the last one first. The lists know at once: fingers are quicker than a server. */
export function useJudging() {
  const queries = useQueryClient()
  const [kept, setKept] = useState<Judged[]>([])
  const change = useMutation({
    ...JUDGING,
    mutationFn: ({ id, said }: { id: string; said: Said }) => say(id, said),
    onMutate: async ({ id, said }) => {
      // What is on its way does not know of this yet.
      await queries.cancelQueries({ queryKey: LISTS })
      queries.setQueriesData<Listed>({ queryKey: LISTS }, (list) => withSaid(list, id, said))
    },
    onSettled: () => {
      // While more is being said, an answer would be older than what is shown.
      if (queries.isMutating({ mutationKey: JUDGING.mutationKey }) === 1)
        void queries.invalidateQueries({ queryKey: ['events'] })
    },
  })
  const last = kept.at(-1) ?? null
  return {
    last,
    error: change.error,
    judge: (event: EventInfo, label: Label) => {
      const before = saidOf(event)
      setKept((all) => withJudged(all, { id: event.id, label, before }))
      change.mutate({ id: event.id, said: { label, name: label === 'anomaly' ? before.name : '' } })
    },
    undo: () => {
      if (!last) return
      change.mutate({ id: last.id, said: last.before })
      setKept((all) => all.slice(0, -1))
    },
    forget: () => {
      setKept([])
    },
  }
}

/** The one to look at after this one; before it, if it is the last. */
export function nextOf(ids: readonly string[], id: string | null, step: 1 | -1 = 1): string | null {
  const at = id === null ? -1 : ids.indexOf(id)
  if (at < 0) return ids[0] ?? null
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? null
}

/** The one to judge after this one: the next; after the last one the one before, if there is any. */
export function afterJudging(ids: readonly string[], id: string): string | null {
  const at = ids.indexOf(id)
  return ids[at + 1] ?? ids[at - 1] ?? null
}
