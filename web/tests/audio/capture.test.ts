import { expect, test } from 'vitest'
import { refusalOf } from '../../src/audio/capture'

test.each([
  ['NotAllowedError', 'denied'],
  ['NotFoundError', 'no_device'],
  ['NotReadableError', 'busy'],
  ['SomethingElse', 'unknown'],
])('%s is %s', (name, refusal) => {
  expect(refusalOf(Object.assign(new Error(), { name }))).toBe(refusal)
})
