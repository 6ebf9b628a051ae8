import i18next from 'i18next'
import { expect, test } from 'vitest'
import { en } from '../../src/app/texts/en'
import { ja } from '../../src/app/texts/ja'
import { formatIn } from '../../src/ui/format'

await i18next.init({
  resources: { en: { translation: en }, ja: { translation: ja } },
  lng: 'en',
  interpolation: { escapeValue: false },
})
const english = formatIn('en', i18next.getFixedT('en'))
const japanese = formatIn('ja', i18next.getFixedT('ja'))

test.each([
  [0, '0 s'],
  [89, '89 s'],
  [120, '2 min'],
  [5400, '1.5 h'],
  [86_400, '24 h'],
])('%d seconds are %s', (seconds, told) => {
  expect(english.duration(seconds)).toBe(told)
})

test('frequencies are in the unit that keeps them short', () => {
  expect([125, 1000, 2500, 16_000].map(english.hz)).toEqual(['125 Hz', '1 kHz', '2.5 kHz', '16 kHz'])
})

test('rates are told as many a day, or as how often one comes', () => {
  expect([0.5, 1, 24, 72, 4320].map(english.rate)).toEqual([
    '0.5 a day',
    '1 a day',
    '24 a day',
    'one every 20 min',
    'one every 20 s',
  ])
  expect(japanese.rate(72)).toBe('20 分に 1 件')
})
