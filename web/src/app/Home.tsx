import { useQuery } from '@tanstack/react-query'
import { lazy, useEffect } from 'react'
import { api } from '../api/client'
import { decideFirst, hasNothing, useFirst } from '../features/firstrun/first'
import { isKiosk } from '../features/live/Kiosk'
import LivePage from '../features/live/LivePage'
import { useLive } from '../features/live/state'
import { useMay } from '../ui/useScope'

const FirstRun = lazy(() => import('../features/firstrun/FirstRun'))

/** Live; before anything was learned, the way there. */
export function Home() {
  const first = useFirst(({ phase }) => phase)
  const mayLearn = useMay('admin')
  const isIdle = useLive(({ phase }) => phase === 'idle')
  const bundles = useQuery({ queryKey: ['bundles'], queryFn: api.bundles, enabled: first === 'unknown' })
  const isEmpty = bundles.data && hasNothing(bundles.data)
  useEffect(() => {
    if (isEmpty !== undefined) decideFirst(isEmpty)
  }, [isEmpty])
  if (first === 'unknown' && bundles.isPending) return null
  return first === 'on' && mayLearn && isIdle && !isKiosk() ? <FirstRun /> : <LivePage />
}
