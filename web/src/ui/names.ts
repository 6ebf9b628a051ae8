import type { Label } from '../api/types'

const KINDS = [
  'anomaly',
  'louder',
  'quieter',
  'drift',
  'no_signal',
  'silent',
  'low',
  'clipped',
  'stuck',
  'dc',
  'channel_dead',
  'wrong_rate',
  'unreliable',
] as const

export type KindKey = `kind.${(typeof KINDS)[number]}` | 'kind.other'

export const EVENT_KINDS = KINDS

export function kindKey(kind: string): KindKey {
  const found = KINDS.find((known) => known === kind)
  return found ? `kind.${found}` : 'kind.other'
}

export function labelKey(label: Label | null): `label.${Label}` | 'label.none' {
  return label === null ? 'label.none' : `label.${label}`
}
