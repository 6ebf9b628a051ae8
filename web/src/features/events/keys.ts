export type Act = 'next' | 'previous' | 'anomaly' | 'normal' | 'unsure' | 'undo' | 'play' | 'help'

const KEYS: Record<string, Act> = {
  j: 'next',
  k: 'previous',
  a: 'anomaly',
  n: 'normal',
  s: 'unsure',
  u: 'undo',
  ' ': 'play',
  '?': 'help',
}

interface Press {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  isComposing: boolean
  /** Name of the element that has the focus, in upper case. */
  on: string
}

/** What a key means here; keys meant for a field or a button are left to it. */
export function actOf({ key, ctrlKey, metaKey, altKey, isComposing, on }: Press): Act | null {
  if (ctrlKey || metaKey || altKey || isComposing) return null
  if (on === 'INPUT' || on === 'SELECT' || on === 'TEXTAREA') return null
  if (key === ' ' && (on === 'BUTTON' || on === 'A' || on === 'SUMMARY')) return null
  return KEYS[key.toLowerCase()] ?? null
}
