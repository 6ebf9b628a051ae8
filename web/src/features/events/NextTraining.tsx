import { useQuery } from '@tanstack/react-query'
import { PackagePlus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { api } from '../../api/client'
import type { EventDetail } from '../../api/types'
import { useFormat } from '../../ui/format'

/** Where a trained network judged: what was kept of what people said, for the next training. */
export function NextTraining({ event }: { event: EventDetail }) {
  const { t } = useTranslation()
  const format = useFormat()
  const bundles = useQuery({ queryKey: ['bundles'], queryFn: api.bundles })
  const family = bundles.data?.bundles.find(({ id }) => id === event.bundle_id)?.family
  const isJudged = event.label === 'normal' || event.label === 'anomaly'
  const isTrained = family !== undefined && family !== 'memory'
  const kept = useQuery({
    queryKey: ['next-training', event.id, event.label],
    queryFn: api.nextTraining,
    enabled: isTrained && isJudged,
  })
  if (!isTrained || !isJudged || !kept.data) return null
  const found = kept.data.sets.find(({ bundle }) => bundle === event.bundle_id)
  const hasSound = event.has_clip && event.silenced === null
  return (
    <div
      role="status"
      className="flex flex-col gap-1 rounded-[10px] border border-line p-3 text-sm"
      data-testid="next-training"
    >
      <p className="text-mute">{t('next_training.why')}</p>
      {!hasSound && <p>{t('next_training.no_sound')}</p>}
      {found && (
        <p className="flex flex-wrap items-center gap-2">
          <PackagePlus size={16} aria-hidden />
          {t('next_training.kept', {
            normal: format.number(found.normal),
            real: format.number(found.real),
          })}
          <Link href="/learn" className="text-accent underline">
            {t('next_training.to_learn')}
          </Link>
        </p>
      )}
    </div>
  )
}
