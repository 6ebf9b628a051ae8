import { QueryClient } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'
import { take, type JobInfo } from '../../src/ui/jobNews'

const job = (id: string, part: number | null = null): JobInfo => ({
  id,
  name: id,
  family: 'memory',
  collection: 'c',
  form: '',
  state: 'running',
  ahead: 0,
  stage: 'hear',
  part,
  left_s: null,
  epoch: null,
  epochs: null,
  created_at: '2030-01-01T12:00:00Z',
  started_at: null,
  ended_at: null,
  trouble: null,
  outcome: null,
})

const told = (id: string, info: JobInfo | null) => ({ type: 'job', id, job: info }) as const

test('what is told of a job is what the page knows of it, alone and in the list', () => {
  const queries = new QueryClient()
  queries.setQueryData(['jobs'], { jobs: [job('a')] })
  take(queries, told('a', job('a', 0.5)))
  take(queries, told('b', job('b')))
  expect(queries.getQueryData(['job', 'a'])).toMatchObject({ part: 0.5 })
  expect(queries.getQueryData<{ jobs: JobInfo[] }>(['jobs'])?.jobs.map(({ id, part }) => [id, part])).toEqual(
    [
      ['b', null],
      ['a', 0.5],
    ],
  )
  take(queries, told('a', null))
  expect(queries.getQueryData<{ jobs: JobInfo[] }>(['jobs'])?.jobs.map(({ id }) => id)).toEqual(['b'])
})

test('a list that nobody has asked for is not made up of what is told', () => {
  const queries = new QueryClient()
  take(queries, told('a', job('a')))
  expect(queries.getQueryData(['jobs'])).toBeUndefined()
})

test('after a connection was made, or messages were missed, it is asked for', () => {
  const queries = new QueryClient()
  const asked = vi.spyOn(queries, 'invalidateQueries')
  take(queries, { type: 'welcome', v: 1, streams: [] })
  take(queries, { type: 'missed', messages: 3 })
  expect(asked.mock.calls.map(([filter]) => filter?.queryKey)).toEqual([['jobs'], ['job'], ['jobs'], ['job']])
})
