import { useQuery } from '@tanstack/react-query'
import { DatabaseZap } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api } from '../api/client'
import { useQuiet } from './quiet'

/** The server can't store events where they belong; what is heard meanwhile is not lost, but nobody can look it up. */
export function StoreBar() {
  const { t } = useTranslation()
  const isQuiet = useQuiet((quiet) => quiet.isQuiet)
  const health = useQuery({
    enabled: !isQuiet,
    queryKey: ['health'],
    queryFn: api.health,
    refetchInterval: 15_000,
  })
  if (health.data?.reasons.includes('store') !== true) return null
  const { waiting } = health.data.store
  return (
    <div
      role="status"
      className="flex items-center justify-center gap-3 border-b border-line bg-raised px-3 py-2 text-sm print:hidden"
      data-testid="store"
    >
      <DatabaseZap size={18} className="shrink-0 text-watch" aria-hidden />
      {waiting === null ? t('store.failing') : t('store.waiting', { n: waiting })}
    </div>
  )
}
