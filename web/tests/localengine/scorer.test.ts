import { expect, test } from 'vitest'
import { blockEnds } from '../../src/localengine/scorer'

test('the last window of each ten seconds stands for a recording', () => {
  expect(blockEnds(new Array<boolean>(9).fill(true), 8, 10)).toEqual([8])
  expect(blockEnds(new Array<boolean>(30).fill(true), 8, 10)).toEqual([8, 18, 28, 29])
})

test('what was not scored interrupts', () => {
  expect(blockEnds([true, true, false, true], 8, 10)).toEqual([1, 3])
  expect(blockEnds([false, false], 8, 10)).toEqual([])
})
