import { beforeEach, expect, test, vi } from 'vitest'
import type { Judged } from '../../../src/features/events/judging'

const server = vi.hoisted(() => ({ label: vi.fn(), rollBack: vi.fn() }))
vi.mock('../../../src/api/client', () => ({ api: server }))

const { MOST_KEPT, saidOf, say, takeBack, withJudged } = await import('../../../src/features/events/judging')

const judged = (id: string): Judged => ({ id, label: 'normal', before: { label: 'anomaly', name: 'belt' } })

beforeEach(() => {
  server.label.mockReset()
  server.rollBack.mockReset()
})

test('what is taken back is said again with the name that it had', async () => {
  await say('e-1', judged('e-1').before)
  expect(server.label).toHaveBeenCalledWith('e-1', 'anomaly', 'belt')
})

test('what was said is its label and its name, and nothing else', () => {
  const event = { label: 'unsure' as const, name: '', id: 'e-1' }
  expect(saidOf(event)).toEqual({ label: 'unsure', name: '' })
})

test('every judgement of a while can be taken back, but not for ever more of them', () => {
  const kept = ['a', 'b', 'c'].reduce<Judged[]>((all, id) => withJudged(all, judged(id)), [])
  expect(kept.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  const many = Array.from({ length: 2 * MOST_KEPT }, (_, n) => judged(String(n)))
  const rest = many.reduce(withJudged, kept)
  expect(rest).toHaveLength(MOST_KEPT)
  expect(rest.at(-1)?.id).toBe(String(2 * MOST_KEPT - 1))
})

test('undoing what was allowed or learned anew leaves what was said before, not nothing', async () => {
  await takeBack('bundle-2', 'e-1', { label: 'unsure', name: '' })
  expect(server.rollBack).toHaveBeenCalledWith('bundle-2')
  expect(server.label).toHaveBeenCalledWith('e-1', 'unsure', '')
})

test('where the model can not be taken back, nothing is said', async () => {
  server.rollBack.mockRejectedValue(new Error('gone'))
  await expect(takeBack('bundle-2', 'e-1', { label: null, name: '' })).rejects.toThrow('gone')
  expect(server.label).not.toHaveBeenCalled()
})
