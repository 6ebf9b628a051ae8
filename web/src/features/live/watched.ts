import type { SourceInfo } from '../../api/types'

type Watched = Pick<SourceInfo, 'state' | 'error' | 'bundle'>

/** The source that is watched, as the server tells of it; one that the server has no more has ended. */
export function watched(sources: readonly SourceInfo[] | undefined, stream: string): Watched | undefined {
  if (!sources) return undefined
  return sources.find((one) => one.stream === stream) ?? { state: 'ended', error: null, bundle: null }
}
