import { useQuery } from '@tanstack/react-query'
import { api, type Scope } from '../api/client'

const SCOPES: Scope[] = ['read', 'listen', 'admin']

/** Whether who may do the first may do the second. */
export function allows(has: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(has) >= SCOPES.indexOf(needed)
}

/** What whoever looks at this page may do; null until it is known. The server decides again at each request. */
export function useScope(): Scope | null {
  const config = useQuery({ queryKey: ['config'], queryFn: api.config, staleTime: Infinity })
  return config.data?.scope ?? null
}

/** Whether one may do this here; until it is known, nothing is taken away. */
export function useMay(needed: Scope): boolean {
  const scope = useScope()
  return scope === null || allows(scope, needed)
}
