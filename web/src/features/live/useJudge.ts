import { useQuery } from '@tanstack/react-query'
import { api, type BundleInfo } from '../../api/client'
import type { SourceInfo } from '../../api/types'
import { useLive } from './state'

type Listed<T> = readonly T[] | undefined

/** Of a source that names a model: that one. Of everything else: the one in use. */
export function judgeOf<B extends Pick<BundleInfo, 'id' | 'active'>>(
  bundles: Listed<B>,
  sources: Listed<Pick<SourceInfo, 'stream' | 'bundle'>>,
  stream: string | null,
): B | undefined {
  if (stream !== null && sources === undefined) return undefined
  const own = sources?.find((source) => source.stream === stream)?.bundle ?? null
  return bundles?.find(({ id, active }) => (own === null ? active : id === own))
}

/** The model that judges what is listened to. */
export function useJudge(): BundleInfo | undefined {
  const stream = useLive(({ target }) => (target?.kind === 'source' ? target.stream : null))
  const sources = useQuery({ queryKey: ['sources'], queryFn: api.sources, enabled: stream !== null })
  const bundles = useQuery({ queryKey: ['bundles'], queryFn: api.bundles })
  return judgeOf(bundles.data?.bundles, sources.data?.sources, stream)
}
