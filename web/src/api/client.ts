import createClient from 'openapi-fetch'
import type { paths } from './schema'
import type { Label, ProblemInfo } from './types'

const client = createClient<paths>({ baseUrl: '/' })

/** The server answered with an error, or not at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: ProblemInfo | null,
  ) {
    super(problem?.detail ?? `status ${status}`)
  }
}

async function answered<T>(request: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await request.catch(() => {
    throw new ApiError(0, null)
  })
  // Without its key the page can do nothing; the server asks for it at its own address.
  if (response.status === 401) location.reload()
  if (data === undefined) throw new ApiError(response.status, isProblem(error) ? error : null)
  return data
}

function isProblem(error: unknown): error is ProblemInfo {
  return typeof error === 'object' && error !== null && 'detail' in error && 'action' in error
}

export interface EventFilter {
  since?: string
  until?: string
  stream?: string
  label?: Label | 'none'
  kind?: string
  text?: string
  before?: string
  limit?: number
}

export const api = {
  config: () => answered(client.GET('/api/config')),
  health: () => answered(client.GET('/api/health')),
  bundles: () => answered(client.GET('/api/bundles')),
  activate: (bundle_id: string) =>
    answered(client.POST('/api/bundles/{bundle_id}/activate', { params: { path: { bundle_id } } })),
  setBudget: (bundle_id: string, budget_per_day: number) =>
    answered(
      client.PATCH('/api/bundles/{bundle_id}', { params: { path: { bundle_id } }, body: { budget_per_day } }),
    ),
  sources: () => answered(client.GET('/api/sources')),
  startSource: (source_id: string) =>
    answered(client.POST('/api/sources/{source_id}/start', { params: { path: { source_id } } })),
  demo: () => answered(client.GET('/api/demo')),
  breakDemo: (fault: string, seconds: number) =>
    answered(client.POST('/api/demo/fault', { body: { fault, seconds } })),
  mendDemo: () => answered(client.DELETE('/api/demo/fault')),
  would: (stream: string, factor: number) =>
    answered(client.GET('/api/history/would', { params: { query: { stream, factor } } })),
  events: (query: EventFilter) => answered(client.GET('/api/events', { params: { query } })),
  event: (event_id: string) =>
    answered(client.GET('/api/events/{event_id}', { params: { path: { event_id } } })),
  label: (event_id: string, label: Label | null) =>
    answered(client.PUT('/api/events/{event_id}/label', { params: { path: { event_id } }, body: { label } })),
  learn: (session: string, name: string) => answered(client.POST('/api/learn', { body: { session, name } })),
}

export function exportAddress(format: 'csv' | 'json', filter: EventFilter): string {
  const query = new URLSearchParams({ format })
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined && name !== 'limit' && name !== 'before') query.set(name, String(value))
  }
  return `/api/events/export?${query.toString()}`
}

export function clipAddress(eventId: string): string {
  return `/api/events/${encodeURIComponent(eventId)}/clip.wav`
}

export function socketAddress(path: '/ws/stream' | '/ws/events'): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${location.host}${path}`
}

export type Learned = Awaited<ReturnType<typeof api.learn>>
