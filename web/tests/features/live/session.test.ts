import { beforeEach, expect, test, vi } from 'vitest'
import type { FromWorker, ToWorker } from '../../../src/audio/listening'

const { server, microphone } = vi.hoisted(() => {
  const storage = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined }
  Object.assign(globalThis, { localStorage: storage })
  return { server: { config: vi.fn() }, microphone: { open: vi.fn() } }
})
vi.mock('../../../src/api/client', () => ({ api: server, socketAddress: (path: string) => path }))

vi.mock('../../../src/audio/capture', () => ({ openMicrophone: microphone.open }))

const { session } = await import('../../../src/features/live/session')
const { useLive } = await import('../../../src/features/live/state')

const sent: ToWorker[] = []
const tellers: ((told: { data: FromWorker }) => void)[] = []

beforeEach(() => {
  session.end()
  sent.length = 0
  vi.stubGlobal(
    'Worker',
    class {
      postMessage = (message: ToWorker) => sent.push(message)
      set onmessage(teller: (told: { data: FromWorker }) => void) {
        tellers.push(teller)
      }
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

test('sound that was still on its way when the browser stopped it is no sign that it goes on', async () => {
  const running = { is: true }
  let stop: (why: string) => void = () => undefined
  microphone.open.mockImplementation((_: string | null, onStopped: (why: string) => void) => {
    stop = onStopped
    return Promise.resolve({ isRunning: () => running.is, close: () => undefined })
  })
  await session.begin({ kind: 'microphone', deviceId: null })
  vi.useFakeTimers({ now: Date.now() + 1000 })
  const hear = () => {
    vi.advanceTimersByTime(1000)
    const sound = { firstColumn: 0, columns: new Uint8Array(0), wave: new Float32Array(0) }
    const heard = { type: 'sound', sound, rateHz: 48_000, levelDb: -30, peak: 0.1, pcm: null } as const
    tellers.at(-1)?.({ data: { ...heard, droppedSamples: 0 } })
  }
  hear()
  expect(useLive.getState().levelDb).toBe(-30)
  running.is = false
  stop('stopped')
  hear()
  expect(useLive.getState().stoppedAtMs).not.toBeNull()
  running.is = true
  hear()
  expect(useLive.getState().stoppedAtMs).toBeNull()
  vi.useRealTimers()
})
