import { expect, test } from 'vitest'
import { EventTracker } from '../../src/localengine/events'
import type { WindowVerdict } from '../../src/localengine/scorer'

function verdict(startS: number, ratio: number, change: Partial<WindowVerdict> = {}): WindowVerdict {
  return {
    startS,
    endS: startS + 1,
    score: ratio,
    fastScore: null,
    ratio,
    rule: 'sudden',
    state: ratio > 1 ? 'anomaly' : 'normal',
    holding: ratio > 0.8,
    sinceS: ratio > 1 ? startS : null,
    levelDb: -30,
    label: '',
    probability: null,
    isKnown: null,
    ...change,
  }
}

function heard(ratios: number[]) {
  const tracker = new EventTracker()
  const found = ratios.flatMap((ratio, startS) => tracker.update(verdict(startS, ratio)))
  return [...found, ...tracker.close()].map(({ phase, event }) => [
    phase,
    event.startS,
    event.endS,
    event.peakRatio,
  ])
}

test('an event begins with an anomaly and goes on while windows hold', () => {
  expect(heard([0.5, 1.2, 0.9, 0.5])).toEqual([
    ['open', 1, 2, 1.2],
    ['close', 1, 3, 1.2],
  ])
})

test('what is ten seconds apart is one event, what is further apart are two', () => {
  const calm = (n: number) => new Array<number>(n).fill(0.1)
  expect(heard([1.5, ...calm(9), 2.5])).toHaveLength(2)
  expect(heard([1.5, ...calm(13), 2.5])).toHaveLength(4)
})

test('an event dates back to the first window that voted for it', () => {
  const tracker = new EventTracker()
  const [opened] = tracker.update(verdict(9, 1.5, { sinceS: 4 }))
  expect(opened?.event.startS).toBe(4)
})

test('windows that only hold begin nothing', () => {
  expect(heard([0.9, 0.9])).toEqual([])
})
