import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { create } from 'zustand'
import { socketAddress } from '../api/client'
import { parseMessage, type ServerMessage } from '../api/messages'
import { waitMs } from '../audio/backoff'

/** Told as it happens, a job is asked for only now and then, in case a connection is dead and nobody knows. */
const TOLD_MS = 15_000

export type JobInfo = NonNullable<Extract<ServerMessage, { type: 'job' }>['job']>

const WATCH = JSON.stringify({ type: 'watch', v: 1, stream: '#jobs' })

const useNews = create<{ isOpen: boolean }>(() => ({ isOpen: false }))

/** How often to ask for what the socket tells: as often as is wanted, while there is none. */
export function useLookMs(wantedMs: number): number {
  return useNews((news) => news.isOpen) ? TOLD_MS : wantedMs
}

/** Keep what the page knows of jobs as it is told. */
export function useJobNews(): void {
  const queries = useQueryClient()
  useEffect(() => listen(queries), [queries])
}

/** Until the returned function is called; a connection that is lost is made again. */
function listen(queries: QueryClient): () => void {
  let attempt = 0
  let timer = 0
  let socket: WebSocket
  const open = () => {
    const mine = new WebSocket(socketAddress('/ws/events'))
    socket = mine
    mine.onopen = () => {
      mine.send(WATCH)
    }
    mine.onmessage = ({ data }: MessageEvent<string>) => {
      const message = parseMessage(data)
      if (!message) return
      if (message.type === 'welcome') {
        attempt = 0
        useNews.setState({ isOpen: true })
      }
      take(queries, message)
    }
    mine.onclose = () => {
      useNews.setState({ isOpen: false })
      timer = window.setTimeout(open, waitMs(attempt++, Math.random()))
    }
  }
  open()
  return () => {
    clearTimeout(timer)
    socket.onclose = null
    socket.close()
    useNews.setState({ isOpen: false })
  }
}

/** What is told of a job stands in for an answer; where something may have been missed, it is asked for. */
export function take(queries: QueryClient, message: ServerMessage): void {
  if (message.type === 'welcome' || message.type === 'missed') {
    void queries.invalidateQueries({ queryKey: ['jobs'] })
    void queries.invalidateQueries({ queryKey: ['job'] })
  } else if (message.type === 'job') {
    const { id, job } = message
    if (job) queries.setQueryData<JobInfo>(['job', id], job)
    queries.setQueryData<{ jobs: JobInfo[] }>(
      ['jobs'],
      (before) => before && { jobs: listed(before.jobs, id, job) },
    )
  }
}

/** The newest first, as the server has them. */
function listed(jobs: JobInfo[], id: string, job: JobInfo | null): JobInfo[] {
  if (job === null) return jobs.filter((one) => one.id !== id)
  const isKnown = jobs.some((one) => one.id === id)
  return isKnown ? jobs.map((one) => (one.id === id ? job : one)) : [job, ...jobs]
}
