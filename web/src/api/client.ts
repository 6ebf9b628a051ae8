import createClient from 'openapi-fetch'
import type { paths } from './schema'
import type { Label, ProblemInfo, SmallForm, TrainRequest } from './types'

export const client = createClient<paths>({ baseUrl: '/' })

/** The server answered with an error, or not at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: ProblemInfo | null,
  ) {
    super(problem?.detail ?? `status ${status}`)
  }
}

export async function answered<T>(
  request: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
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

/** A file goes as it is; the server looks at what is inside, never at what it is called. */
function asFile(file: Blob) {
  return {
    body: file as never,
    bodySerializer: (body: unknown) => body as Blob,
    headers: { 'content-type': 'application/octet-stream' },
  }
}

export const api = {
  config: () => answered(client.GET('/api/config')),
  health: () => answered(client.GET('/api/health')),
  bundles: () => answered(client.GET('/api/bundles')),
  activate: (bundle_id: string) =>
    answered(client.POST('/api/bundles/{bundle_id}/activate', { params: { path: { bundle_id } } })),
  rollBack: (of: string | null = null) =>
    answered(client.POST('/api/bundles/rollback', { params: { query: { of } } })),
  verify: (bundle_id: string) =>
    answered(client.POST('/api/bundles/{bundle_id}/verify', { params: { path: { bundle_id } } })),
  removeBundle: (bundle_id: string) =>
    answered(client.DELETE('/api/bundles/{bundle_id}', { params: { path: { bundle_id } } })),
  restoreBundle: (bundle_id: string) =>
    answered(client.POST('/api/bundles/{bundle_id}/restore', { params: { path: { bundle_id } } })),
  bundleFile: (bundle_id: string) =>
    answered<Blob>(
      client.GET('/api/bundles/{bundle_id}/file', { params: { path: { bundle_id } }, parseAs: 'blob' }),
    ),
  sendBundle: (file: File) =>
    answered(
      client.POST('/api/bundles', {
        params: { query: { name: file.name.replace(/\.(onnx|tflite)$/i, '').slice(0, 80) } },
        ...asFile(file),
      }),
    ),
  inspect: (file: File, bundle: string | null, signal: AbortSignal) =>
    answered(
      client.POST('/api/inspect', {
        params: { query: { bundle, name: file.name.slice(-300) } },
        ...asFile(file),
        signal,
      }),
    ),
  layers: (file: File, bundle: string, at_s: number, signal: AbortSignal) =>
    answered(
      client.POST('/api/inspect/layers', { params: { query: { bundle, at_s } }, ...asFile(file), signal }),
    ),
  scores: (file: File, bundle: string[], signal: AbortSignal) =>
    answered(
      client.POST('/api/inspect/scores', {
        params: { query: { bundle, name: file.name.slice(-300) } },
        ...asFile(file),
        signal,
      }),
    ),
  figures: (normal: number[], anomaly: number[]) =>
    answered(client.POST('/api/inspect/figures', { body: { normal, anomaly } })),
  setBudget: (bundle_id: string, budget_per_day: number) =>
    answered(
      client.PATCH('/api/bundles/{bundle_id}', { params: { path: { bundle_id } }, body: { budget_per_day } }),
    ),
  renameBundle: (bundle_id: string, name: string) =>
    answered(client.PATCH('/api/bundles/{bundle_id}', { params: { path: { bundle_id } }, body: { name } })),
  makeSmall: (bundle_id: string, form: SmallForm) =>
    answered(
      client.POST('/api/bundles/{bundle_id}/exports', { params: { path: { bundle_id } }, body: { form } }),
    ),
  goingOn: () => answered(client.GET('/api/going-on')),
  goOn: (bundle_id: string, is_on: boolean) =>
    answered(client.PUT('/api/going-on/{bundle_id}', { params: { path: { bundle_id } }, body: { is_on } })),
  undoGoingOn: (bundle_id: string) =>
    answered(client.POST('/api/going-on/{bundle_id}/undo', { params: { path: { bundle_id } } })),
  nextTraining: () => answered(client.GET('/api/next-training')),
  collectNext: (bundle_id: string) =>
    answered(client.POST('/api/next-training/{bundle_id}', { params: { path: { bundle_id } } })),
  removeNext: (bundle_id: string) =>
    answered(client.DELETE('/api/next-training/{bundle_id}', { params: { path: { bundle_id } } })),
  sources: () => answered(client.GET('/api/sources')),
  startSource: (source_id: string) =>
    answered(client.POST('/api/sources/{source_id}/start', { params: { path: { source_id } } })),
  demo: () => answered(client.GET('/api/demo')),
  beginDemo: () => answered(client.POST('/api/demo')),
  breakDemo: (fault: string, seconds: number) =>
    answered(client.POST('/api/demo/fault', { body: { fault, seconds } })),
  mendDemo: () => answered(client.DELETE('/api/demo/fault')),
  would: (stream: string, factor: number) =>
    answered(client.GET('/api/history/would', { params: { query: { stream, factor } } })),
  events: (query: EventFilter) => answered(client.GET('/api/events', { params: { query } })),
  event: (event_id: string) =>
    answered(client.GET('/api/events/{event_id}', { params: { path: { event_id } } })),
  label: (event_id: string, label: Label | null, name?: string) =>
    answered(
      client.PUT('/api/events/{event_id}/label', {
        params: { path: { event_id } },
        body: { label, ...(name !== undefined && { name }) },
      }),
    ),
  rebaseline: (event_id: string) =>
    answered(client.POST('/api/events/{event_id}/rebaseline', { params: { path: { event_id } } })),
  names: () => answered(client.GET('/api/events/names')),
  allow: (event_id: string, dry_run: boolean) =>
    answered(
      client.POST('/api/events/{event_id}/allow', { params: { path: { event_id } }, body: { dry_run } }),
    ),
  newCollection: (session: string | null) => answered(client.POST('/api/collections', { body: { session } })),
  collection: (collection_id: string) =>
    answered(client.GET('/api/collections/{collection_id}', { params: { path: { collection_id } } })),
  removeCollection: (collection_id: string) =>
    answered(client.DELETE('/api/collections/{collection_id}', { params: { path: { collection_id } } })),
  addFile: (collection_id: string, name: string, file: File, signal: AbortSignal) =>
    answered(
      client.POST('/api/collections/{collection_id}/files', {
        params: { path: { collection_id }, query: { name: name.slice(-1000) } },
        ...asFile(file),
        signal,
      }),
    ),
  train: (body: TrainRequest) => answered(client.POST('/api/train', { body })),
  jobs: () => answered(client.GET('/api/jobs')),
  job: (job_id: string) => answered(client.GET('/api/jobs/{job_id}', { params: { path: { job_id } } })),
  endJob: (job_id: string) => answered(client.DELETE('/api/jobs/{job_id}', { params: { path: { job_id } } })),
  families: () => answered(client.GET('/api/families')),
}

export function exportAddress(format: 'csv' | 'json', filter: EventFilter): string {
  const query = new URLSearchParams({ format })
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined && name !== 'limit' && name !== 'before') query.set(name, String(value))
  }
  return `/api/events/export?${query.toString()}`
}

export function bundleAddress(bundleId: string): string {
  return `/api/bundles/${encodeURIComponent(bundleId)}/file`
}

export function clipAddress(eventId: string): string {
  return `/api/events/${encodeURIComponent(eventId)}/clip.wav`
}

export function normalAddress(eventId: string): string {
  return `/api/events/${encodeURIComponent(eventId)}/normal.wav`
}

export function socketAddress(path: '/ws/stream' | '/ws/events'): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${location.host}${path}`
}

export type Scope = Awaited<ReturnType<typeof api.config>>['scope']
export type JobInfo = Awaited<ReturnType<typeof api.job>>
export type OutcomeInfo = NonNullable<JobInfo['outcome']>
export type Allowed = Awaited<ReturnType<typeof api.allow>>
export type BundleInfo = Awaited<ReturnType<typeof api.bundles>>['bundles'][number]
export type GoingOnInfo = Awaited<ReturnType<typeof api.goingOn>>['bundles'][number]
export type LayerInfo = Awaited<ReturnType<typeof api.layers>>['layers'][number]
export type Figures = Awaited<ReturnType<typeof api.figures>>
export type ScoreList = Awaited<ReturnType<typeof api.scores>>
