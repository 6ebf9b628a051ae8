import type { ProblemInfo } from '../api/types'
import type { Beats } from '../app/texts/problemsJa'

/** An error as the server tells it, in an answer or of a job. */
export type Told = Pick<ProblemInfo, 'detail' | 'expected' | 'action' | 'code' | 'values'>
export type BeatTexts = Partial<Record<string, Beats>>

/**
 * An error in the words of a language; null where it has none for it, or lacks what belongs in them: then the server's own
 * words tell more.
 */
export function beatsOf(told: Told, texts: BeatTexts, number: (value: number) => string): Beats | null {
  const words = told.code === null ? undefined : texts[told.code]
  if (words === undefined) return null
  let isWhole = true
  const filled = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = told.values[name]
      isWhole &&= value !== undefined
      return typeof value === 'number' ? number(value) : (value ?? '')
    })
  const beats = { what: filled(words.what), expected: filled(words.expected), action: filled(words.action) }
  return isWhole ? beats : null
}

/** An error in the server's own words, which are English. */
export function ownWords({ detail, expected, action }: Told): string {
  const wanted = expected === '' ? '' : `Expected: ${expected.replace(/\.$/, '')}.`
  return [detail, wanted, action].filter((beat) => beat !== '').join(' ')
}
