import { beforeEach, expect, test, vi } from 'vitest'

async function started(kept: string | null) {
  vi.resetModules()
  vi.stubGlobal('localStorage', { getItem: () => kept, setItem: () => undefined })
  return import('../../../src/features/firstrun/first')
}

beforeEach(() => {
  vi.unstubAllGlobals()
})

test('a model that judges nothing but the simulated machine ends no first run', async () => {
  const { decideFirst, hasNothing, useFirst } = await started(null)
  decideFirst(hasNothing({ active: null }))
  expect(useFirst.getState().phase).toBe('on')
})

test('where something was learned for the sound that comes, there is none', async () => {
  const { decideFirst, hasNothing, useFirst } = await started(null)
  decideFirst(hasNothing({ active: 'own' }))
  expect(useFirst.getState().phase).toBe('over')
})

test('it does not come again', async () => {
  const { decideFirst, useFirst } = await started('over')
  decideFirst(true)
  expect(useFirst.getState().phase).toBe('over')
})
