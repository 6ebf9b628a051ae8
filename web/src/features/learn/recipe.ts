import type { FamilyInfo, SettingInfo } from '../../api/types'

export type Value = string | boolean
/** What stands in the fields of a form, by section and name. */
export type Values = Record<string, Record<string, Value>>

/** Settings that everybody should see; all others are one click further. */
export const MAIN: readonly (readonly [string, string])[] = [
  ['training', 'epochs'],
  ['audio', 'window_s'],
]

export function isMain(section: string, name: string): boolean {
  return MAIN.some(([one, other]) => one === section && other === name)
}

/** As it stands in a field. */
export function shown(value: unknown): Value {
  if (typeof value === 'boolean') return value
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(String).join(', ')
  return typeof value === 'number' || typeof value === 'string' ? String(value) : ''
}

/** What a form begins with. */
export function beginning(family: FamilyInfo): Values {
  return Object.fromEntries(
    Object.entries(family.sections).map(([section, settings]) => [
      section,
      Object.fromEntries(settings.map(({ name, begin }) => [name, shown(begin)])),
    ]),
  )
}

type Read = { value: unknown } | { wrong: 'whole' | 'number' | 'range' | 'empty' }

/** A field as the server wants it, or what is wrong with it. */
export function read(setting: SettingInfo, value: Value): Read {
  if (typeof value === 'boolean') return { value }
  const text = value.trim()
  if (setting.form === 'texts' || setting.form === 'wholes' || setting.form === 'numbers') {
    const parts = text.split(',').flatMap((part) => part.trim() || [])
    if (setting.form === 'texts') return { value: parts }
    const numbers = parts.map(Number)
    if (numbers.some((one) => Number.isNaN(one))) return { wrong: 'number' }
    if (setting.form === 'wholes' && !numbers.every(Number.isInteger)) return { wrong: 'whole' }
    return { value: numbers }
  }
  if (setting.form === 'whole' || setting.form === 'number') return number(setting, text)
  if (setting.form === 'choice') {
    return { value: setting.choices.find((one) => String(one) === text) ?? text }
  }
  return { value: text }
}

function number(setting: SettingInfo, text: string): Read {
  if (text === '') {
    return setting.may_be_empty || setting.default === null ? { value: null } : { wrong: 'empty' }
  }
  const value = Number(text)
  if (!Number.isFinite(value)) return { wrong: 'number' }
  if (setting.form === 'whole' && !Number.isInteger(value)) return { wrong: 'whole' }
  const isIn =
    value >= (setting.least ?? -Infinity) &&
    value <= (setting.most ?? Infinity) &&
    (setting.above === null || setting.above === undefined || value > setting.above)
  return isIn ? { value } : { wrong: 'range' }
}

/** A range in signs, which need no language. */
export function rangeOf({ least, most, above }: SettingInfo): string {
  const low = typeof above === 'number' ? `> ${above}` : typeof least === 'number' ? `≥ ${least}` : ''
  const high = typeof most === 'number' ? `≤ ${most}` : ''
  return [low, high].filter(Boolean).join(', ')
}

/** The recipe of a form: what differs from the defaults; and the fields in which something is wrong. */
export function recipeOf(family: FamilyInfo, values: Values) {
  const recipe: Record<string, unknown> = { family: family.name }
  const wrong: string[] = []
  for (const [section, settings] of Object.entries(family.sections)) {
    const chosen: Record<string, unknown> = {}
    for (const setting of settings) {
      const found = read(setting, values[section]?.[setting.name] ?? shown(setting.begin))
      if ('wrong' in found) wrong.push(`${section}.${setting.name}`)
      else if (JSON.stringify(found.value) !== JSON.stringify(setting.default)) {
        chosen[setting.name] = found.value
      }
    }
    if (Object.keys(chosen).length > 0) recipe[section] = chosen
  }
  return { recipe, wrong }
}
