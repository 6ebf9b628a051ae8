import type { OneStretch, WeeklyHours } from '../../api/settings'

/** A day of the week in a language; 0 is Monday. */
export function dayName(day: number, language: string, style: 'short' | 'long' = 'short'): string {
  // The first of January 2024 was a Monday.
  const date = new Date(Date.UTC(2024, 0, 1 + day))
  return date.toLocaleDateString(language, { weekday: style, timeZone: 'UTC' })
}

/** Days in words: what stands together is named from its first to its last. */
export function daysText(days: readonly number[], language: string): string {
  const sorted = [...new Set(days)].sort((one, other) => one - other)
  const runs: [number, number][] = []
  for (const day of sorted) {
    const last = runs.at(-1)
    if (last?.[1] === day - 1) last[1] = day
    else runs.push([day, day])
  }
  const name = (day: number) => dayName(day, language)
  return runs
    .flatMap(([from, to]) =>
      to - from > 1 ? [`${name(from)}–${name(to)}`] : [...new Set([from, to])].map(name),
    )
    .join(', ')
}

export function hoursText({ days, start, end }: WeeklyHours, language: string): string {
  return `${daysText(days, language)} ${start}–${end}`
}

export function stretchText({ start, end }: OneStretch, language: string): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  return format.formatRange(new Date(start), new Date(end))
}

/** The zone that this browser's clock goes by. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}
