import { expect, test } from 'vitest'
import type { EventInfo } from '../../../src/api/types'
import {
  ALL,
  afterJudging,
  FIRST,
  filterOf,
  inOrder,
  leftOf,
  nextOf,
  withSaid,
} from '../../../src/features/events/useEvents'

const event = (id: string, label: EventInfo['label']) => ({ id, label }) as EventInfo

test('what nobody has judged comes first, the newest of it before the others', () => {
  const events = [event('4', 'normal'), event('3', null), event('2', 'unsure'), event('5', null)]
  expect(inOrder(events).map(({ id }) => id)).toEqual(['5', '3', '4', '2'])
})

test('what was said is in every list at once, and leaves the unreviewed', () => {
  const page = (...ids: string[]) => ({ events: ids.map((id) => event(id, null)), next: null, total: 3 })
  const list = { pages: [page('c', 'b'), page('a')], pageParams: [null, 'b'] }
  const said = withSaid(list, 'b', { label: 'normal', name: '' })
  const events = said?.pages.flatMap((one) => one.events) ?? []
  expect(events.map(({ label }) => label)).toEqual([null, 'normal', null])
  expect(leftOf(FIRST, events).map(({ id }) => id)).toEqual(['c', 'a'])
  expect(leftOf(ALL, events)).toEqual(events)
  expect(list.pages[0]?.events[1]?.label).toBeNull()
  expect(withSaid(undefined, 'b', { label: 'normal', name: '' })).toBeUndefined()
})

test('the next one, the one before, and the ends', () => {
  const ids = ['c', 'b', 'a']
  expect(nextOf(ids, 'c')).toBe('b')
  expect(nextOf(ids, 'a')).toBe('a')
  expect(nextOf(ids, 'b', -1)).toBe('c')
  expect(nextOf(ids, 'gone')).toBe('c')
  expect(nextOf([], null)).toBeNull()
})

test('a choice becomes a filter of the server', () => {
  const now = new Date('2030-01-02T00:00:00Z')
  expect(filterOf(FIRST, now)).toEqual({ label: 'none' })
  expect(filterOf({ ...ALL, period: 'day', kind: 'anomaly', text: 'kHz' }, now)).toEqual({
    since: '2030-01-01T00:00:00.000Z',
    kind: 'anomaly',
    text: 'kHz',
  })
})

test('after a judgement comes the next one, after the last one the one before, after the only one nothing', () => {
  expect(afterJudging(['c', 'b', 'a'], 'b')).toBe('a')
  expect(afterJudging(['c', 'b', 'a'], 'a')).toBe('b')
  expect(afterJudging(['c'], 'c')).toBeNull()
})
