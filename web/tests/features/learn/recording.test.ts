import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, test, vi } from 'vitest'
import type { CollectionInfo } from '../../../src/api/types'
import type { FromWorker } from '../../../src/audio/listening'

const { memory, server } = vi.hoisted(() => {
  const memory = new Map<string, string>()
  const storage = {
    getItem: (key: string) => memory.get(key) ?? null,
    setItem: (key: string, value: string) => void memory.set(key, value),
    removeItem: (key: string) => void memory.delete(key),
  }
  Object.assign(globalThis, { sessionStorage: storage, localStorage: storage })
  return { memory, server: { newCollection: vi.fn(), train: vi.fn(), families: vi.fn() } }
})

vi.mock('../../../src/api/client', async (real) => ({
  ...(await real<typeof import('../../../src/api/client')>()),
  api: server,
  socketAddress: (path: string) => path,
}))
vi.mock('react-i18next', () => ({
  useTranslation: () => ({ t: (key: string) => key, i18n: { language: 'en', getResource: () => undefined } }),
}))
vi.mock('../../../src/audio/capture', () => ({
  CaptureError: Error,
  openMicrophone: () =>
    Promise.resolve({ port: {}, rateHz: 48_000, processing: null, close: () => undefined }),
}))

const { ApiError } = await import('../../../src/api/client')
const { plan } = await import('../../../src/features/learn/plan')
const { recording } = await import('../../../src/features/learn/recording')
const { Prepare } = await import('../../../src/features/learn/Prepare')

let hear: (data: FromWorker) => void

class FakeWorker {
  onmessage: (event: { data: FromWorker }) => void = () => undefined
  postMessage = () => undefined
  constructor() {
    hear = (data) => {
      this.onmessage({ data })
    }
  }
}

const KEPT = {
  id: 'kept-1',
  files: 1,
  seconds: 60,
  checks: [],
  classes: [],
  items: [{ is_recording: true, seconds: 60, marks: {} }],
} as unknown as CollectionInfo

const busy = new ApiError(429, {
  detail: 'Many jobs are waiting already.',
  expected: 'a few at a time',
  action: 'Wait.',
} as never)

async function recorded(): Promise<void> {
  await recording.begin('Fan')
  hear({ type: 'welcome', isResumed: false, message: { session: 's-1' } as never })
  hear({ type: 'message', message: { type: 'learn', seconds: 60, state: 'ok' } as never, capturedMs: null })
  await vi.waitFor(() => {
    expect(['idle', 'failed']).toContain(recording.snapshot().step)
  })
}

const shown = () =>
  renderToStaticMarkup(
    createElement(
      QueryClientProvider,
      { client: new QueryClient() },
      createElement(Prepare, { info: KEPT, processing: null }),
    ),
  )

beforeEach(() => {
  memory.clear()
  vi.stubGlobal('Worker', FakeWorker)
  server.newCollection.mockReset().mockResolvedValue(KEPT)
  server.train.mockReset()
})

test('a minute that nothing is wrong with is learned from at once', async () => {
  server.train.mockResolvedValue({ id: 'job-1' })
  await recorded()
  expect(recording.snapshot()).toMatchObject({ step: 'idle', unbegun: null })
  expect(plan.getState()).toMatchObject({ collection: 'kept-1', job: 'job-1' })
})

test('where learning is refused, the minute is kept, and what was said stands beside the way to try again', async () => {
  server.train.mockRejectedValue(busy)
  await recorded()
  expect(recording.snapshot()).toMatchObject({ step: 'idle', unbegun: { collection: 'kept-1', error: busy } })
  expect(plan.getState()).toMatchObject({ collection: 'kept-1', job: null })
  expect(shown()).toContain('Many jobs are waiting already.')
  expect(shown()).toContain('type="submit"')
  recording.cancel()
  expect(shown()).not.toContain('Many jobs are waiting already.')
})

test('what is wrong while the server is away is told in the same place', async () => {
  server.train.mockRejectedValue(new ApiError(0, null))
  await recorded()
  expect(shown()).toContain('role="alert"')
})

test('a minute that the server does not keep can be sent again', async () => {
  server.newCollection.mockRejectedValueOnce(new ApiError(503, null))
  server.train.mockResolvedValue({ id: 'job-2' })
  await recorded()
  expect(recording.snapshot().step).toBe('failed')
  await recording.finish()
  expect(plan.getState().job).toBe('job-2')
})

test.each([
  [4406, true],
  [4401, false],
])('what ends a recording is told: closed with %i', async (closeCode, isUneven) => {
  await recording.begin('Fan')
  hear({ type: 'link', link: 'refused', attempt: 1, closeCode })
  expect(recording.snapshot()).toMatchObject({ step: 'lost', isUneven })
  recording.cancel()
})
