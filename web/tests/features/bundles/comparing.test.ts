import { expect, test } from 'vitest'
import {
  disagreements,
  figuresIn,
  histogram,
  scoresOf,
  tallyOf,
  type Compared,
  type Said,
  type Side,
} from '../../../src/features/bundles/comparing'

const said = (ratio: number): Said => ({
  bundle: 'x',
  score: 10 * ratio,
  ratio,
  state: ratio > 1 ? 'anomaly' : 'normal',
  label: '',
  probability: null,
})
const one = (side: Side, a: number, b: number): Compared => ({
  file: new File([], `${side}-${a}-${b}.wav`),
  side,
  said: [said(a), said(b)],
})

const COMPARED = [
  one('normal', 0.2, 0.3),
  one('normal', 1.2, 0.4),
  one('anomaly', 0.9, 5),
  one('anomaly', 2, 2),
]

test('alarms are counted on each side', () => {
  expect(tallyOf(COMPARED, 0)).toEqual({ caught: 1, anomalies: 2, falseAlarms: 1, normals: 2 })
  expect(tallyOf(COMPARED, 1)).toEqual({ caught: 2, anomalies: 2, falseAlarms: 0, normals: 2 })
  expect(scoresOf(COMPARED, 0, 'normal')).toEqual([2, 12])
})

test('who disagrees most comes first', () => {
  expect(disagreements(COMPARED).map(({ file }) => file.name)).toEqual([
    'anomaly-0.9-5.wav',
    'normal-1.2-0.4.wav',
  ])
})

test('every recording is in a bin, what is beyond the end in the last', () => {
  const { low, high, counts } = histogram(COMPARED, 1, 'ratio', 6)
  expect([low, high]).toEqual([0, 3])
  expect(counts.normal).toEqual([2, 0, 0, 0, 0, 0])
  expect(counts.anomaly).toEqual([0, 0, 0, 0, 1, 1])
  expect(histogram(COMPARED, 1, 'score', 2).counts.normal).toEqual([2, 0])
  expect(histogram([one('normal', 1, 1)], 0, 'score', 2).counts.normal).toEqual([1, 0])
})

test('only numbers are figures', () => {
  expect(figuresIn({ auc: 0.9, split: 'test', more: { auc: 1 }, none: null, odd: NaN })).toEqual([
    ['auc', 0.9],
  ])
  expect(figuresIn(null)).toEqual([])
})
