import { expect, test } from 'vitest'
import { actOf } from '../../../src/features/events/keys'

const press = { key: 'n', ctrlKey: false, metaKey: false, altKey: false, isComposing: false, on: 'BODY' }

test.each([
  ['j', 'next'],
  ['k', 'previous'],
  ['a', 'anomaly'],
  ['N', 'normal'],
  ['s', 'unsure'],
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
