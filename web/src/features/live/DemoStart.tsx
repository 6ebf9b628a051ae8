import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Fan } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import type { SourceInfo } from '../../api/types'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'

interface Props {
  /** The simulated machine, where it runs. */
  demo: SourceInfo | undefined
  onWatch: (demo: SourceInfo) => void
}

/** The simulated machine is one click away everywhere; where it does not run yet, it is learned first. */
export function DemoStart({ demo, onWatch }: Props) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const begin = useMutation({
    mutationFn: async () => {
      await api.beginDemo()
      return (await api.sources()).sources.find(isDemo)
    },
    onSettled: () =>
      Promise.all(['sources', 'bundles'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  })
  return (
    <div className="flex flex-col items-start gap-2">
      <Button
        icon={<Fan size={18} aria-hidden />}
        disabled={begin.isPending}
        onClick={() => {
          if (demo) onWatch(demo)
          // Whoever has gone elsewhere meanwhile is not called back.
          else begin.mutate(undefined, { onSuccess: (begun) => begun && onWatch(begun) })
        }}
      >
        {t('start.demo')}
      </Button>
      <p role="status" className="text-xs text-mute">
        {t(begin.isPending ? 'start.demo_learning' : 'start.demo_hint')}
      </p>
      {begin.error && <Problem error={begin.error} />}
    </div>
  )
}

export function isDemo({ stream }: SourceInfo): boolean {
  return stream === 'demo'
}
