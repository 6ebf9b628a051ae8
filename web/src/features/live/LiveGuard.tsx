import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { notify } from '../../app/notifications'
import { judging } from './judging'
import { session } from './session'
import { useLive } from './state'
import { tell } from './telling'
import { watched } from './watched'

const TITLED = new Set(['anomaly', 'no_signal', 'lost', 'reconnecting'])

/** What goes on beside the screens while something is listened to: title, wake lock, news for the lists. */
export function LiveGuard() {
  useTitle()
  useWakeLock()
  useNotified()
  useNews()
  useSourceState()
  useEffect(() => {
    const wake = () => {
      if (document.visibilityState === 'visible') void session.wake()
    }
    document.addEventListener('visibilitychange', wake)
    return () => {
      document.removeEventListener('visibilitychange', wake)
    }
  }, [])
  return null
}

function useTitle(): void {
  const { t } = useTranslation()
  useEffect(() => {
    const show = () => {
      const live = useLive.getState()
      const word = live.phase === 'on' ? tell(live, Date.now()).word : null
      const title = word && TITLED.has(word) ? `${t(`word.${word}`)} – ${t('app.name')}` : t('app.name')
      if (document.title !== title) document.title = title
    }
    show()
    return useLive.subscribe(show)
  }, [t])
}

/** Out of sight, an event that begins is told by the browser. */
function useNotified(): void {
  const { t } = useTranslation()
  useEffect(
    () =>
      useLive.subscribe(({ openEvent, deviceName, mutedUntilMs }, before) => {
        const isMuted = mutedUntilMs !== null && mutedUntilMs > Date.now()
        if (!openEvent || openEvent.id === before.openEvent?.id || isMuted) return
        void notify(t('word.anomaly'), deviceName)
      }),
    [t],
  )
}

/** The screen of a phone stays on while it listens. */
function useWakeLock(): void {
  const isOn = useLive((live) => live.phase === 'on')
  useEffect(() => {
    if (!isOn || !('wakeLock' in navigator)) return
    let lock: WakeLockSentinel | null = null
    const ask = () => {
      if (document.visibilityState !== 'visible') return
      navigator.wakeLock.request('screen').then(
        (got) => (lock = got),
        () => undefined, // refused while the battery is low: listening goes on all the same
      )
    }
    ask()
    document.addEventListener('visibilitychange', ask)
    return () => {
      document.removeEventListener('visibilitychange', ask)
      void lock?.release()
    }
  }, [isOn])
}

function useNews(): void {
  const queries = useQueryClient()
  useEffect(
    () =>
      session.onMessage((message) => {
        if (message.type === 'event') void queries.invalidateQueries({ queryKey: ['events'] })
        if (message.type !== 'status' || message.code !== 'bundle_changed') return
        const { reason } = message
        void queries.invalidateQueries({ queryKey: ['bundles'] })
        void queries.fetchQuery({ queryKey: ['bundles'], queryFn: api.bundles }).then(({ bundles }) => {
          const found = judging(bundles, reason)
          if (found)
            useLive.setState({
              changedTo: found.name,
              bundleName: found.name,
              result: null,
              resultAtMs: Date.now(),
            })
        })
      }),
    [queries],
  )
}

/** Sources say by themselves when they fail, but only to who asks. */
function useSourceState(): void {
  const stream = useLive(({ phase, target }) =>
    phase === 'on' && target?.kind === 'source' ? target.stream : null,
  )
  const sources = useQuery({
    queryKey: ['sources'],
    queryFn: api.sources,
    enabled: stream !== null,
    refetchInterval: 5000,
  })
  const source = stream === null ? undefined : watched(sources.data?.sources, stream)
  const bundles = useQuery({ queryKey: ['bundles'], queryFn: api.bundles, enabled: stream !== null })
  const active =
    bundles.data?.bundles.find((bundle) => bundle.id === source?.bundle) ??
    bundles.data?.bundles.find((bundle) => bundle.active)
  const isEmpty = stream !== null && bundles.data !== undefined && !active
  const windowS = active?.window_s
  useEffect(() => {
    if (source) useLive.setState({ source: { state: source.state, error: source.error } })
  }, [source])
  useEffect(() => {
    if (isEmpty) useLive.setState({ hasBundle: false })
    if (windowS !== undefined) useLive.setState({ windowS })
  }, [isEmpty, windowS])
}
