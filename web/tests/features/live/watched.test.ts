import { expect, test } from 'vitest'
import type { SourceInfo } from '../../../src/api/types'
import { watched } from '../../../src/features/live/watched'

const fan: SourceInfo = {
  id: 'demo',
  stream: 'demo',
  name: 'Fan',
  kind: 'machine',
  address: 'machine:fan',
  state: 'listening',
  error: null,
  bundle: 'b',
  heard_s: 1,
  dropped_samples: 0,
}

test('a source is as the server tells, and has ended where the server has it no more', () => {
  expect(watched([fan], 'demo')).toBe(fan)
  expect(watched([], 'demo')).toEqual({ state: 'ended', error: null, bundle: null })
  expect(watched(undefined, 'demo')).toBeUndefined()
})
