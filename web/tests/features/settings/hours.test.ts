import { expect, test } from 'vitest'
import type { SettingsInfo, WayInfo } from '../../../src/api/settings'
import { dayName, daysText, hoursText, stretchText } from '../../../src/features/settings/hours'
import { waysHere } from '../../../src/features/settings/waysHere'
import { before } from '../../../src/features/settings/useSettings'

test('days that stand together are named from the first to the last', () => {
  expect(daysText([0, 1, 2, 3, 4], 'en')).toBe('Mon–Fri')
  expect(daysText([6, 5, 0], 'en')).toBe('Mon, Sat, Sun')
  expect(daysText([2, 2], 'en')).toBe('Wed')
  expect(daysText([0, 1, 2, 4], 'ja')).toBe('月–水, 金')
  expect(daysText([], 'en')).toBe('')
  expect(dayName(6, 'en', 'long')).toBe('Sunday')
})

test('hours and stretches are told in the language of the page', () => {
  expect(hoursText({ days: [5, 6], start: '22:00', end: '06:00', name: '' }, 'en')).toBe(
    'Sat, Sun 22:00–06:00',
  )
  const noon = { start: '2030-01-01T12:00:00Z', end: '2030-01-01T13:30:00Z', name: '' }
  expect(stretchText(noon, 'en')).toContain('2030')
})

test('undo goes back to what was there before', () => {
  const info = { events_days: null, clips_days: 7, revision: 3 } as SettingsInfo
  expect(before(info, { events_days: 30 })).toEqual({ events_days: null })
})

test('the way by which the page was opened is one, unless it leads to this machine alone', () => {
  const ways: WayInfo[] = [
    { address: 'https://ears.example', reach: 'proxy', has_microphone: true },
    { address: 'http://localhost:8000', reach: 'this_machine', has_microphone: true },
  ]
  const shown = (here: string) => waysHere(ways, here).map(({ address }) => address)
  expect(shown('http://localhost:8000')).toEqual(['https://ears.example'])
  expect(shown('https://ears.example')).toEqual(['https://ears.example'])
  expect(shown('http://10.0.0.5:8000')).toEqual(['http://10.0.0.5:8000', 'https://ears.example'])
})
