import { expect, test } from 'vitest'
import { actOf, mayRepeat } from '../../../src/features/events/keys'

const press = { key: 'n', ctrlKey: false, metaKey: false, altKey: false, isComposing: false, on: 'BODY' }

test.each([
  ['j', 'next'],
  ['k', 'previous'],
  ['a', 'anomaly'],
  ['N', 'normal'],
  ['s', 'unsure'],
  ['m', 'allow'],
  ['u', 'undo'],
  [' ', 'play'],
  ['?', 'help'],
  ['x', null],
])('%s means %s', (key, act) => {
  expect(actOf({ ...press, key })).toBe(act)
})

test('keys for a field, a shortcut of the browser or a Japanese word being typed are left alone', () => {
  expect(actOf({ ...press, on: 'INPUT' })).toBeNull()
  expect(actOf({ ...press, ctrlKey: true })).toBeNull()
  expect(actOf({ ...press, isComposing: true })).toBeNull()
})

test('space on a button presses it', () => {
  expect(actOf({ ...press, key: ' ', on: 'BUTTON' })).toBeNull()
})

test('a key that is held goes through the list and judges once', () => {
  const acts = ['next', 'previous', 'anomaly', 'normal', 'unsure', 'allow', 'undo', 'play', 'help'] as const
  expect(acts.filter(mayRepeat)).toEqual(['next', 'previous'])
})
