import { expect, test } from 'vitest'
import { parseMessage } from '../../src/api/messages'

test('a known message is read', () => {
  expect(parseMessage('{"type":"ack","first_sample":5}')).toEqual({ type: 'ack', first_sample: 5 })
})

test.each(['', 'null', '[]', '"ack"', '{"type":"news"}', '{"first_sample":5}'])(
  '%s is nothing to us',
  (text) => {
    expect(parseMessage(text)).toBeNull()
  },
)
