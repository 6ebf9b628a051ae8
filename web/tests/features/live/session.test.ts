import { beforeEach, expect, test, vi } from 'vitest'
import type { ToWorker } from '../../../src/audio/listening'

const { server } = vi.hoisted(() => {
  const storage = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined }
  Object.assign(globalThis, { localStorage: storage })
  return { server: { config: vi.fn() } }
})
vi.mock('../../../src/api/client', () => ({ api: server, socketAddress: (path: string) => path }))

const { session } = await import('../../../src/features/live/session')
const { useLive } = await import('../../../src/features/live/state')

const sent: ToWorker[] = []

beforeEach(() => {
  session.end()
  sent.length = 0
  vi.stubGlobal(
    'Worker',
    class {
      postMessage = (message: ToWorker) => sent.push(message)
    },
  )
})

const demo = { kind: 'source', stream: 'demo', name: 'fan' } as const

test.each([
  ['read', false],
  ['listen', true],
  ['admin', true],
])('with the scope %s sound is asked for: %s', async (scope, audio) => {
  server.config.mockResolvedValue({ scope })
  await session.begin(demo)
  expect(sent).toMatchObject([{ type: 'begin', what: { kind: 'watch', stream: 'demo', audio } }])
  expect(useLive.getState().hasSound).toBe(audio)
})

test('where the server is away, the connection tells so', async () => {
  server.config.mockRejectedValue(new Error('away'))
  await session.begin(demo)
  expect(sent).toMatchObject([{ what: { audio: true } }])
})

test('who has left before the answer came opens nothing', async () => {
  server.config.mockResolvedValue({ scope: 'admin' })
  const begun = session.begin(demo)
  session.end()
  await begun
  expect(sent).toEqual([])
})
