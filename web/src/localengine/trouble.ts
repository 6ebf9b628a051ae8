/** What can be wrong with a bundle or a sound in this browser; each has words in every language. */
export type TroubleKey =
  | 'no_bundle'
  | 'none_here'
  | 'no_manifest'
  | 'tflite'
  | 'newer_format'
  | 'broken_manifest'
  | 'only_embeds'
  | 'changed'
  | 'wrong_scores'
  | 'engine'
  | 'too_large'
  | 'too_short'
  | 'too_long'
  | 'no_sound'

export class LocalTrouble extends Error {
  constructor(
    readonly key: TroubleKey,
    readonly values: Record<string, string | number> = {},
  ) {
    super(key)
  }
}

/** Errors do not pass between a page and its workers whole; this does. */
export interface ToldTrouble {
  key: TroubleKey
  values: Record<string, string | number>
}

export function told(error: unknown): ToldTrouble {
  if (error instanceof LocalTrouble) return { key: error.key, values: error.values }
  return { key: 'engine', values: { why: error instanceof Error ? error.message.slice(0, 200) : '' } }
}
