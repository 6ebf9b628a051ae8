import { beforeEach, expect, test, vi } from 'vitest'
import { update, useVersions } from '../../src/offline/register'

const reload = vi.fn()
let changed: () => void

function waiting(state: ServiceWorkerState) {
  const worker = { state, postMessage: vi.fn() }
  useVersions.setState({ waiting: worker as unknown as ServiceWorker })
  return worker
}

beforeEach(() => {
  reload.mockReset()
  changed = () => undefined
  useVersions.setState({ waiting: null, isOutdated: false })
  vi.stubGlobal('location', { reload })
  vi.stubGlobal('navigator', {
    serviceWorker: {
      addEventListener: (_: string, told: () => void) => {
        changed = told
      },
    },
  })
})

test('a version that waits is let in first, and the page is loaded when it is there', () => {
  const worker = waiting('installed')
  update()
  expect(worker.postMessage).toHaveBeenCalledWith('take over')
  expect(reload).not.toHaveBeenCalled()
  changed()
  expect(reload).toHaveBeenCalledOnce()
})

test.each(['activating', 'activated', 'redundant'] as const)(
  'one that is %s, because another tab has updated, waits for nothing: the page is loaded',
  (state) => {
    const worker = waiting(state)
    update()
    expect(worker.postMessage).not.toHaveBeenCalled()
    expect(reload).toHaveBeenCalledOnce()
  },
)

test('where nothing waits the page is loaded', () => {
  update()
  expect(reload).toHaveBeenCalledOnce()
})
