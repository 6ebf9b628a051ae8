import type { SettingsInfo } from '../../api/settings'

export type Waiting = SettingsInfo['patience']
export type Sources = SettingsInfo['sources']

/** The sources' own choices after one of them waits otherwise; null: as all others. Its sensitivity stays. */
export function withPatience(sources: Sources, source: string, patience: Waiting | null): Sources {
  const budget = sources[source]?.budget_per_day ?? null
  if (patience === null && budget === null) {
    return Object.fromEntries(Object.entries(sources).filter(([id]) => id !== source))
  }
  return { ...sources, [source]: { budget_per_day: budget, patience } }
}

/** What follows from a patience, as keys of texts and the seconds that stand in them. */
export function consequences(patience: Waiting): [key: ConsequenceKey, seconds: number][] {
  const { min_on_s, merge_s, cooldown_s } = patience
  return [
    min_on_s > 0 ? ['means_on', min_on_s] : ['means_on_none', 0],
    merge_s > 0 ? ['means_merge', merge_s] : ['means_merge_none', 0],
    cooldown_s > 0 ? ['means_cooldown', cooldown_s] : ['means_cooldown_none', 0],
  ]
}

type ConsequenceKey =
  'means_on' | 'means_on_none' | 'means_merge' | 'means_merge_none' | 'means_cooldown' | 'means_cooldown_none'
