import type { TFunction } from 'i18next'
import { expect, test } from 'vitest'
import { formatIn } from '../../src/ui/format'
import { heardAs } from '../../src/ui/heard'

const t = ((key: string, values: object) => `${key} ${JSON.stringify(values)}`) as unknown as TFunction
const format = formatIn('en', t)

test('a class is told with its probability, and that it is none of them', () => {
  const heard = { label: 'glass', probability: 0.934, is_known: null }
  expect(heardAs(heard, t, format)).toBe('class.heard {"label":"glass","percent":"93"}')
  expect(heardAs({ ...heard, is_known: false }, t, format)).toMatch(/^class.unknown/)
})

test('where nothing tells classes apart, nothing is told', () => {
  expect(heardAs({ label: '', probability: null, is_known: null }, t, format)).toBeNull()
})
