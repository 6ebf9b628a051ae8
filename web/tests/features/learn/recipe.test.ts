import { expect, test } from 'vitest'
import type { FamilyInfo, SettingInfo } from '../../../src/api/types'
import { beginning, rangeOf, read, recipeOf, shown } from '../../../src/features/learn/recipe'

function setting(more: Partial<SettingInfo>): SettingInfo {
  return {
    name: 'x',
    form: 'number',
    default: 1,
    begin: 1,
    choices: [],
    least: null,
    most: null,
    above: null,
    may_be_empty: false,
    help: '',
    ...more,
  }
}

test.each([
  [{ form: 'whole' as const }, '5', { value: 5 }],
  [{ form: 'whole' as const }, '5.5', { wrong: 'whole' }],
  [{}, 'five', { wrong: 'number' }],
  [{}, '1e3', { value: 1000 }],
  [{}, '', { wrong: 'empty' }],
  [{ may_be_empty: true }, '', { value: null }],
  [{ default: null }, ' ', { value: null }],
  [{ least: 2 }, '1', { wrong: 'range' }],
  [{ above: 0 }, '0', { wrong: 'range' }],
  [{ most: 9 }, '9', { value: 9 }],
  [{ form: 'wholes' as const }, '1, 2,3', { value: [1, 2, 3] }],
  [{ form: 'wholes' as const }, '', { value: [] }],
  [{ form: 'wholes' as const }, '1.5', { wrong: 'whole' }],
  [{ form: 'numbers' as const }, '1.5, x', { wrong: 'number' }],
  [{ form: 'texts' as const }, 'a, b', { value: ['a', 'b'] }],
  [{ form: 'choice' as const, choices: ['a', 'b'] }, 'b', { value: 'b' }],
  [{ form: 'truth' as const }, true, { value: true }],
])('a field %o with %o is read', (more, value, expected) => {
  expect(read(setting(more), value)).toEqual(expected)
})

test('ranges need no language', () => {
  expect(rangeOf(setting({ above: 0, most: 600 }))).toBe('> 0, ≤ 600')
  expect(rangeOf(setting({ least: 1 }))).toBe('≥ 1')
  expect(rangeOf(setting({}))).toBe('')
})

const family: FamilyInfo = {
  name: 'autoencoder',
  learns_from: 'normal',
  summary: '',
  sections: {
    model: [setting({ name: 'filters', form: 'wholes', default: [1, 2], begin: [1, 2] })],
    training: [
      setting({ name: 'epochs', form: 'whole', default: 30, begin: 80, least: 1 }),
      setting({ name: 'seed', form: 'whole', default: 0, begin: 0 }),
    ],
  },
}

test('a form that nobody touched gives the recipe that it began with', () => {
  const { recipe, wrong } = recipeOf(family, beginning(family))
  expect(recipe).toEqual({ family: 'autoencoder', training: { epochs: 80 } })
  expect(wrong).toEqual([])
})

test('what is wrong is named, and is not in the recipe', () => {
  const { recipe, wrong } = recipeOf(family, { training: { epochs: '0', seed: '7' } })
  expect(recipe).toEqual({ family: 'autoencoder', training: { seed: 7 } })
  expect(wrong).toEqual(['training.epochs'])
})

test('values stand in fields as people write them', () => {
  expect([shown(null), shown([1, 2]), shown(0.5), shown(false)]).toEqual(['', '1, 2', '0.5', false])
})
