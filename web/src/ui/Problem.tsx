import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/client'

/** An error of the server: that it failed in the page's language, and its own words below. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation()
  const problem = error instanceof ApiError ? error.problem : null
  const isGone = error instanceof ApiError && error.status === 0
  return (
    <div role="alert" className="card border-bad p-4 text-sm">
      <p className="font-semibold text-bad">{isGone ? t('app.unreachable') : t('app.problem')}</p>
      {problem && (
        <details className="mt-1 text-mute" open>
          <summary>{t('app.details')}</summary>
          <p lang="en">
            {problem.detail} {problem.expected} {problem.action}
          </p>
        </details>
      )}
      {onRetry && (
        <button type="button" className="mt-2 min-h-10 text-accent underline" onClick={onRetry}>
          {t('app.retry')}
        </button>
      )}
    </div>
  )
}
