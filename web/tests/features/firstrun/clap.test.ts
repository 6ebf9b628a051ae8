import { expect, test } from 'vitest'
import { ClapCheck } from '../../../src/features/firstrun/clap'

function heard(levels: number[]): string {
  const check = new ClapCheck()
  return levels.map((level) => check.feed(level)).at(-1) ?? ''
}

const room = new Array<number>(20).fill(-45)

test('a clap is much louder than the room', () => {
  expect(heard([...room, -20])).toBe('clap')
  expect(heard([...room, -20, -45, -45])).toBe('clap')
})

test('a room alone, or one that grows a little louder, is none', () => {
  expect(heard(room)).toBe('waiting')
  expect(heard([...room, -38])).toBe('waiting')
})

test('before the room is known nothing is a clap', () => {
  expect(heard([-45, -45, -10])).toBe('waiting')
})

test('a click in the noise of a microphone that is switched off is none', () => {
  expect(heard([...new Array<number>(20).fill(-110), -70])).toBe('waiting')
})

test('a dead microphone is told after a while', () => {
  expect(heard(new Array<number>(59).fill(-120))).toBe('waiting')
  expect(heard(new Array<number>(60).fill(-120))).toBe('silent')
})
