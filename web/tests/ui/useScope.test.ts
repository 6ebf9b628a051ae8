import { expect, test } from 'vitest'
import { allows } from '../../src/ui/useScope'

test('each may do what those before it may, and nothing more', () => {
  const scopes = ['read', 'listen', 'admin'] as const
  expect(scopes.map((has) => scopes.filter((needed) => allows(has, needed)))).toEqual([
    ['read'],
    ['read', 'listen'],
    ['read', 'listen', 'admin'],
  ])
})
