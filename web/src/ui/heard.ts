import type { TFunction } from 'i18next'
import type { Format } from './format'

interface Heard {
  label: string
  probability: number | null
  is_known: boolean | null
}

/** What a classifier hears and how surely; `null` where nothing tells classes apart. */
export function heardAs(heard: Heard, t: TFunction, format: Format): string | null {
  if (heard.probability === null || heard.label === '') return null
  const values = { label: heard.label, percent: format.number(100 * heard.probability) }
  return heard.is_known === false ? t('class.unknown', values) : t('class.heard', values)
}
