import { useQuery } from '@tanstack/react-query'
import { api, type BundleInfo, type GoingOnInfo } from '../api/client'

const LOOK_MS = 10_000

/** Which bundles learn on while they listen, and which are earlier versions of these. */
export function useGoingOn(): {
  goesOn: (id: string) => GoingOnInfo | null
  isEarlier: (id: string) => boolean
  /** It could, and does not: nobody has ever wanted it to. */
  isAble: (bundle: BundleInfo) => boolean
} {
  const found = useQuery({ queryKey: ['going-on'], queryFn: api.goingOn, refetchInterval: LOOK_MS })
  const all = found.data?.bundles ?? []
  const isKnown = (id: string) => all.some((one) => one.bundle === id || idsIn(one).includes(id))
  return {
    goesOn: (id) => all.find(({ bundle }) => bundle === id) ?? null,
    isEarlier: (id) => all.some((one) => one.bundle !== id && idsIn(one).includes(id)),
    isAble: (bundle) => found.data !== undefined && !isKnown(bundle.id) && canGoOn(bundle),
  }
}

/** A model that was learned without a network, and has limits; what it keeps of its sound the server knows. */
export function canGoOn({ family, form, limits }: Pick<BundleInfo, 'family' | 'form' | 'limits'>): boolean {
  return family === 'memory' && form === null && limits.length > 0
}

/** All versions, the first one with them. */
export function idsIn({ first, versions }: GoingOnInfo): string[] {
  return [first, ...versions.map(({ bundle }) => bundle)]
}

/** How many false alarms at most: rarer than once a day told as one in so long. */
export function promiseOf(perDay: number | null): {
  key: 'too_early' | 'promise' | 'promise_a_day'
  n: number
} {
  if (perDay === null) return { key: 'too_early', n: 0 }
  // Rounded up, since it is a promise.
  return perDay >= 1 ? { key: 'promise_a_day', n: Math.ceil(perDay) } : { key: 'promise', n: 86_400 / perDay }
}
