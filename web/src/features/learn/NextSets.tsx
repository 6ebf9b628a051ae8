import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { plan } from './plan'

/** Sound of events that people have judged, to train a network with again. */
export function NextSets() {
  const { t } = useTranslation()
  const format = useFormat()
  const queries = useQueryClient()
  const found = useQuery({ queryKey: ['next-training'], queryFn: api.nextTraining })
  const use = useMutation({
    mutationFn: ({ bundle }: { bundle: string; name: string }) => api.collectNext(bundle),
    onSuccess: ({ collection }, { name }) => {
      plan.setState({ collection, name, way: 'files' })
    },
  })
  const forget = useMutation({
    mutationFn: api.removeNext,
    onSettled: () => queries.invalidateQueries({ queryKey: ['next-training'] }),
  })
  const sets = found.data?.sets ?? []
  if (sets.length === 0) return null
  const error = use.error ?? forget.error
  return (
    <section className="flex flex-col gap-2 border-t border-line pt-4" data-testid="next-sets">
      <h2 className="font-semibold">{t('next_training.title')}</h2>
      <p className="text-sm text-mute">
        {t('next_training.days', { n: format.about(found.data?.keep_days ?? 0) })}
      </p>
      <ul className="flex flex-col gap-2">
        {sets.map(({ bundle, name, normal, real }) => (
          <li key={bundle} className="flex items-center gap-2 text-sm">
            <span className="min-w-0 grow">
              {t('next_training.of', { name, normal: format.number(normal), real: format.number(real) })}
            </span>
            <Button
              disabled={use.isPending}
              onClick={() => {
                use.mutate({ bundle, name })
              }}
            >
              {t('next_training.use')}
            </Button>
            <Button
              look="quiet"
              aria-label={t('next_training.forget', { name })}
              title={t('next_training.forget', { name })}
              disabled={forget.isPending}
              icon={<Trash2 size={16} aria-hidden />}
              onClick={() => {
                forget.mutate(bundle)
              }}
            />
          </li>
        ))}
      </ul>
      {error && <Problem error={error} />}
    </section>
  )
}
