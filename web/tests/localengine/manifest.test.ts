import { expect, test } from 'vitest'
import { expanded, halfOf } from '../../src/localengine/bundleFile'
import { manifestOf } from '../../src/localengine/manifest'

const plain = {
  format: 1,
  name: 'fan',
  family: 'memory',
  sample_rate_hz: 16_000,
  window_samples: 32_000,
  hop_samples: 16_000,
  min_window_samples: 8000,
  context: 8,
  dim: 10,
  labels: [],
  alarm_labels: [],
  calibration: null,
  references: [{ score: 1.5, fast_score: null, tolerance: { onnxruntime: 0.001 } }],
  something_newer: 'is left alone',
}

test('a manifest is read as far as judging needs it', () => {
  const found = manifestOf(JSON.stringify(plain))
  expect(found).toMatchObject({ name: 'fan', pool: 'max', open_set: null, context: 8 })
  expect(found.references[0]?.tolerance).toEqual({ onnxruntime: 0.001 })
})

test.each([
  ['newer_format', { format: 2 }],
  ['broken_manifest', { format: 'one' }],
  ['broken_manifest', { hop_samples: 0 }],
  ['broken_manifest', { hop_samples: 1.5 }],
  ['broken_manifest', { context: 101 }],
  ['broken_manifest', { labels: 'none' }],
  ['broken_manifest', { name: '' }],
  ['broken_manifest', { min_window_samples: 64_000 }],
  ['broken_manifest', { references: [{ score: null }] }],
  ['broken_manifest', { calibration: { rules: [{}], recording: null, heard_s: 1, budget_per_day: 1 } }],
])('%s: %o', (key, change) => {
  expect(() => manifestOf(JSON.stringify({ ...plain, ...change }))).toThrow(key)
})

test.each(['', '[]', 'null', '{', '"text"'])('no manifest: %s', (text) => {
  expect(() => manifestOf(text)).toThrow('broken_manifest')
})

test('numbers of 16 bits', () => {
  expect([0x3c00, 0xc000, 0x0001, 0x7bff, 0x0000].map(halfOf)).toEqual([1, -2, 2 ** -24, 65_504, 0])
})

test('samples in eight bits are the same here as in Python', () => {
  expect([-127, -100, -64, -1, 0, 1, 33, 90, 127].map(expanded)).toEqual([
    -32767, -9991, -1973, -6, 0, 6, 414, 6411, 32767,
  ])
  const every = Array.from({ length: 255 }, (_, i) => Math.abs(expanded(i - 127)))
  expect(every.reduce((sum, level) => sum + level, 0)).toBe(1_501_272)
})
