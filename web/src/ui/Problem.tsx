import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/client'
import type { ProblemInfo } from '../api/types'
import { ownWords } from './beats'
import { useWords } from './ToldProblem'

/** An error of the server in the page's language, with its own words to open; only those where the page has none. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation()
  const problem = error instanceof ApiError ? error.problem : null
  const isGone = error instanceof ApiError && error.status === 0
  return (
    <div role="alert" className="card border-bad p-4 text-sm">
      <p className="font-semibold text-bad">{isGone ? t('app.unreachable') : t('app.problem')}</p>
      {problem && <Words problem={problem} />}
      {onRetry && (
        <button type="button" className="mt-2 min-h-10 text-accent underline" onClick={onRetry}>
          {t('app.retry')}
        </button>
      )}
    </div>
  )
}

function Words({ problem }: { problem: ProblemInfo }) {
  const { t } = useTranslation()
  const words = useWords(problem)
  return (
    <>
      {words !== null && <p className="mt-1">{words}</p>}
      <details className="mt-1 text-mute" open={words === null}>
        <summary>{t('app.details')}</summary>
        <p lang="en">{ownWords(problem)}</p>
      </details>
    </>
  )
}
