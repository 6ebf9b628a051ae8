import { expect, test } from 'vitest'
import { firstLanguage } from '../../src/app/i18n'

test('what was chosen comes first, then what the browser prefers, then English', () => {
  expect(firstLanguage('en', ['ja-JP'])).toBe('en')
  expect(firstLanguage(null, ['fr', 'ja-JP', 'en'])).toBe('ja')
  expect(firstLanguage('xx', ['fr'])).toBe('en')
})
