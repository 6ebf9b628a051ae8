export type Act = 'next' | 'previous' | 'anomaly' | 'normal' | 'unsure' | 'allow' | 'undo' | 'play' | 'help'

const KEYS: Record<string, Act> = {
  j: 'next',
  k: 'previous',
  a: 'anomaly',
  n: 'normal',
  s: 'unsure',
  m: 'allow',
  u: 'undo',
  ' ': 'play',
  '?': 'help',
}

/** Who holds a key down goes through the list; nothing else is done more than once by that. */
export function mayRepeat(act: Act): boolean {
  return act === 'next' || act === 'previous'
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
