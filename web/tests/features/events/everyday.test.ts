import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { everydayOf, nameIn } from '../../../src/features/events/everyday'

const NAMES = readFileSync(new URL('../../../../src/auscult/models/audioset.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')

test('a name is in Japanese where it has one, and says which language it is in', () => {
  expect(nameIn('ja', 'Engine')).toEqual({ text: 'エンジン', lang: 'ja' })
  expect(nameIn('ja', 'Yodeling')).toEqual({ text: 'Yodeling', lang: 'en' })
  expect(nameIn('en', 'Engine')).toEqual({ text: 'Engine', lang: 'en' })
})

test('what is translated is one of the names, or that of people', () => {
  const source = readFileSync(new URL('../../../src/features/events/everyday.ts', import.meta.url), 'utf8')
  const body = source.slice(source.indexOf('= {') + 3, source.indexOf('\n}\n', source.indexOf('= {')))
  const translated = [...body.matchAll(/^ {2}(?:'(.+?)'|(\w+)): /gm)].map((found) => found[1] ?? found[2])
  expect(translated.length).toBeGreaterThan(100)
  for (const name of translated) expect([...NAMES, 'Human sounds']).toContain(name)
  for (const name of translated) expect(nameIn('ja', name ?? '').lang).toBe('ja')
})

test('an event without names, and one without a picture, has none', () => {
  const named = { by: 'mn04', names: [{ name: 'Engine', probability: 0.5 }] }
  expect(everydayOf({ evidence: { everyday: named } })).toEqual(named)
  expect(everydayOf({ evidence: { everyday: { by: 'mn04', names: [] } } })).toBeNull()
  expect(everydayOf({ evidence: {} })).toBeNull()
  expect(everydayOf({ evidence: null })).toBeNull()
})
