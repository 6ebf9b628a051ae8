import { useTranslation } from 'react-i18next'
import type { ToldTrouble } from '../localengine/trouble'

/** What is wrong with a bundle or a sound that this browser judges by itself: what happened, and what to do. */
export function LocalProblem({ trouble }: { trouble: ToldTrouble }) {
  const { t } = useTranslation()
  return (
    <div role="alert" className="card border-bad p-4 text-sm">
      <p className="font-semibold text-bad">{t('app.problem')}</p>
      <p>{t(`local_trouble.${trouble.key}`, trouble.values)}</p>
    </div>
  )
}
