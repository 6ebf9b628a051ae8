import { expect, test } from 'vitest'
import { cacheName, mayKeep, outdated, wayOf } from '../../src/offline/rules'

const HERE = 'https://machine.example'
const asked = (path: string, mode = 'cors', method = 'GET') => ({
  url: new URL(path, HERE).href,
  mode,
  method,
})

test.each(['/', '/events', '/events/01H', '/local', '/learn?x=1'])('%s is the page', (path) => {
  expect(wayOf(asked(path, 'navigate'), HERE)).toBe('page')
})

test.each(['/assets/index-1a2b.js', '/assets/local.worker-3c.js', '/assets/index.css'])(
  '%s is a file',
  (path) => {
    expect(wayOf(asked(path), HERE)).toBe('file')
  },
)

test.each([
  asked('/api/events'),
  asked('/api/session', 'navigate', 'POST'),
  asked('/docs', 'navigate'),
  asked('/metrics', 'navigate'),
  asked('/inference', 'cors', 'POST'),
  asked('/assets/ort-wasm-1a.wasm'),
  asked('/sw.js'),
  asked('https://other.example/assets/x.js'),
])('what the server says is left alone: $url', (request) => {
  expect(wayOf(request, HERE)).toBe('leave')
})

test('one older version stays for pages that are still open, and what is not of the page stays', () => {
  const names = ['auscult-page-a', 'auscult-engine', 'auscult-page-b', 'auscult-bundle', cacheName('c')]
  expect(outdated(names, cacheName('c'))).toEqual(['auscult-page-a'])
  expect(outdated(['auscult-page-b', cacheName('c')], cacheName('c'))).toEqual([])
})

test('a form that asks for a key is not kept as the page', () => {
  const answer = (headers: Record<string, string>, ok = true) => ({
    ok,
    redirected: false,
    headers: new Headers(headers),
  })
  expect(mayKeep(answer({ 'cache-control': 'no-cache' }))).toBe(true)
  expect(mayKeep(answer({ 'cache-control': 'no-store' }))).toBe(false)
  expect(mayKeep(answer({}, false))).toBe(false)
})
