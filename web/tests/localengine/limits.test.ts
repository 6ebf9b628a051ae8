import { expect, test } from 'vitest'
import { lgamma, recordingLimitOf, thresholdsOf, upperQuantile } from '../../src/localengine/limits'
import type { Calibration, Rule } from '../../src/localengine/manifest'

const rule: Rule = {
  name: 'sudden',
  statistic: 'fast_score',
  votes: 1,
  of: 1,
  share: 0.1,
  decisions_per_hour: 3600,
  log_mean: 0,
  log_sd: 0.1,
  n_effective: 50,
  median: 1,
  tail: null,
  most: null,
}
const calibration: Calibration = {
  rules: [rule],
  recording: rule,
  heard_s: 7200,
  judged_s: null,
  budget_per_day: 1,
}

test("quantiles of Student's t are those of the tables", () => {
  expect(upperQuantile(0.025, 10)).toBeCloseTo(2.2281, 4)
  expect(upperQuantile(0.05, 1)).toBeCloseTo(6.3138, 3)
  expect(upperQuantile(0.001, 1000)).toBeCloseTo(3.0984, 3)
})

test('the gamma function is that of factorials', () => {
  expect(Math.exp(lgamma(6))).toBeCloseTo(120, 9)
  expect(Math.exp(lgamma(0.5))).toBeCloseTo(Math.sqrt(Math.PI), 12)
})

test('a larger budget has a lower limit, and what began is let go below it', () => {
  const [strict] = thresholdsOf(calibration)
  const [loose] = thresholdsOf({ ...calibration, budget_per_day: 100 })
  expect(loose?.limit).toBeLessThan(strict?.limit ?? 0)
  expect(strict?.release).toBeCloseTo((strict?.limit ?? 0) - 0.3 * ((strict?.limit ?? 0) - 1), 12)
})

test('a rule that may be no higher is not', () => {
  expect(recordingLimitOf({ ...calibration, recording: { ...rule, most: 1.05 } })).toBe(1.05)
})

test('a minute of sound is held to what a minute can support, not to the budget', () => {
  const [short] = thresholdsOf({ ...calibration, heard_s: 60 })
  const [shorter] = thresholdsOf({ ...calibration, heard_s: 60, budget_per_day: 0.001 })
  expect(shorter?.limit).toBe(short?.limit)
})
