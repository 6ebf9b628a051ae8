import i18next from 'i18next'
import { expect, test } from 'vitest'
import type { Explanation } from '../../src/api/types'
import { en } from '../../src/app/texts/en'
import { ja } from '../../src/app/texts/ja'
import { formatIn } from '../../src/ui/format'
import { wholeLine, whyLine } from '../../src/ui/why'

await i18next.init({
  resources: { en: { translation: en }, ja: { translation: ja } },
  lng: 'en',
  interpolation: { escapeValue: false },
})

const why: Explanation = {
  low_hz: 2000,
  high_hz: 4040,
  start_s: 10,
  end_s: 10.3,
  text: '',
  kinds: ['brighter'],
  change_db: 11.2,
  level_change_db: null,
  nearest: null,
}

function line(language: 'en' | 'ja', change: Partial<Explanation> = {}): string {
  const t = i18next.getFixedT(language)
  return whyLine({ ...why, ...change }, t, formatIn(language, t))
}

test('numbers become a sentence in each language', () => {
  expect(line('en')).toBe('2–4 kHz: 11 dB louder than usual (0.3 s)')
  expect(line('ja')).toBe('2–4 kHz が普段より 11 dB 強い(0.3 秒)')
})

test('without a change of level the manner is told', () => {
  const change = { change_db: 1, kinds: ['more impulsive', 'unsteadier', 'brighter'] }
  expect(line('en', change)).toBe('2–4 kHz: more impulsive than usual, less steady than usual (0.3 s)')
  expect(line('ja', change)).toBe('2–4 kHz が普段より衝撃的・不安定(0.3 秒)')
})

test('less is told as less, and nothing known as different', () => {
  expect(line('en', { change_db: -6, kinds: [] })).toContain('6 dB quieter than usual')
  expect(line('en', { change_db: null, kinds: ['some new word'] })).toContain('different from usual')
})

test('a band across one kilohertz has both units', () => {
  expect(line('en', { low_hz: 437, high_hz: 1260 })).toContain('440 Hz – 1.3 kHz')
  expect(line('en', { low_hz: 120, high_hz: 437 })).toContain('120–440 Hz')
})

test('loudness of the whole is told where it is out of the ordinary', () => {
  const t = i18next.getFixedT('en')
  const format = formatIn('en', t)
  expect(wholeLine({ ...why, level_change_db: -12 }, t, format)).toBe(
    'As a whole 12 dB quieter than learned.',
  )
  expect(wholeLine({ ...why, level_change_db: 1 }, t, format)).toBeNull()
})
