import type { TFunction } from 'i18next'
import type { EventDetail } from '../../api/types'

/** Whose sound the normal sound is: the same seconds for all events of a model, and perhaps of a normal that is past; or why there is none. */
export function whoseNormal(normal: NonNullable<EventDetail['normal']>, t: TFunction): string {
  if (!normal.has_sound) return t('events.normal_none', { bundle: normal.bundle })
  const parts = [t('events.normal_of', { bundle: normal.bundle })]
  if (normal.references_of === 'earlier') parts.push(t('events.normal_earlier'))
  if (!normal.is_judge) parts.push(t('events.normal_other'))
  return parts.join(' ')
}

/** What the buttons for an event's sound and for normal sound are called; of a change that lasts they are after and before. */
export function playWords({ kind, normal }: Pick<EventDetail, 'kind' | 'normal'>) {
  const isEarlier = normal?.references_of === 'earlier'
  if (kind === 'drift') {
    return {
      own: 'drift.play_since',
      normal: isEarlier ? 'drift.play_earlier' : 'drift.play_before',
    } as const
  }
  return { own: 'events.play', normal: isEarlier ? 'events.play_earlier' : 'events.play_normal' } as const
}
