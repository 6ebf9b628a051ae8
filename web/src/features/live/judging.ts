import type { BundleInfo } from '../../api/client'

/** The model that judges a stream since it changed: the one that the server named, which need not be the active one. */
export function judging(bundles: BundleInfo[], id: string | null | undefined): BundleInfo | undefined {
  return bundles.find((bundle) => bundle.id === id) ?? bundles.find(({ active }) => active)
}
