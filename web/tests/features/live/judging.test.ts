import { expect, test } from 'vitest'
import type { BundleInfo } from '../../../src/api/client'
import { judging } from '../../../src/features/live/judging'

const bundles = [
  { id: 'a', name: 'everywhere else', active: true },
  { id: 'b', name: 'of this source', active: false },
] as BundleInfo[]

test('what judges a source need not be the active one', () => {
  expect(judging(bundles, 'b')?.name).toBe('of this source')
})

test('where the server names none that is there, it is the active one', () => {
  for (const id of [null, undefined, 'gone']) expect(judging(bundles, id)?.name).toBe('everywhere else')
  expect(judging([], null)).toBeUndefined()
})
