import { beforeEach, expect, test, vi } from 'vitest'
import type { JobInfo } from '../../../src/api/client'

const kept = new Map<string, string>()
vi.stubGlobal('sessionStorage', {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
})
vi.mock('../../../src/api/client', () => ({ api: { removeCollection: vi.fn(() => Promise.resolve()) } }))

const { api } = await import('../../../src/api/client')
const { beginAnew, plan, see } = await import('../../../src/features/learn/plan')
const { removeCollection } = vi.mocked(api)

const job = (collection: string) => ({ id: `job of ${collection}`, name: 'Fan', collection }) as JobInfo

beforeEach(() => {
  beginAnew()
  removeCollection.mockClear()
})

test('sound that this tab brought is deleted when it begins anew', () => {
  plan.setState({ collection: 'own' })
  see(job('own'))
  beginAnew()
  expect(removeCollection).toHaveBeenCalledExactlyOnceWith('own')
  expect(plan.getState()).toMatchObject({ collection: null, lent: null, job: null })
})

test('sound that came with a job of somebody else stays', () => {
  see(job('theirs'))
  expect(plan.getState()).toMatchObject({ collection: 'theirs', job: 'job of theirs', name: 'Fan' })
  see(job('theirs'))
  beginAnew()
  expect(removeCollection).not.toHaveBeenCalled()
})

test('it stays theirs after a look at it, and what is brought then is this tab’s', () => {
  plan.setState({ collection: 'own' })
  see(job('theirs'))
  beginAnew()
  expect(removeCollection).not.toHaveBeenCalled()
  see(job('theirs'))
  plan.setState({ collection: 'another', job: null })
  beginAnew()
  expect(removeCollection).toHaveBeenCalledExactlyOnceWith('another')
})
