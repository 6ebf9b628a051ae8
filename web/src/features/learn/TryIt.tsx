import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { DropZone } from '../../ui/DropZone'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { StateMark } from '../../ui/States'

/** A recording that was not learned from, judged by what was: at once, and before anything depends on it. */
export function TryIt({ bundle }: { bundle: string }) {
  const { t } = useTranslation()
  const format = useFormat()
  const tried = useMutation({
    mutationFn: (file: File) => api.inspect(file, bundle, new AbortController().signal),
  })
  const verdict = tried.data?.verdict
  return (
    <section aria-label={t('learn.try')} className="flex max-w-md flex-col gap-2">
      <DropZone
        title={t('learn.try')}
        hint={t('learn.try_hint')}
        accept="audio/*,.wav,.flac,.mp3,.ogg,.m4a"
        isDisabled={tried.isPending}
        onFiles={([file]) => {
          if (file) tried.mutate(file)
        }}
      />
      {tried.isPending && <p role="status">{t('app.loading')}</p>}
      {tried.error && <Problem error={tried.error} />}
      {verdict && !tried.isPending && (
        <p role="status" className="text-sm" data-testid="tried">
          {tried.data?.name}: <StateMark state={verdict.state} />{' '}
          <span className="text-mute tabular-nums">
            {t('live.ratio_of', { ratio: format.number(verdict.largest_ratio, 2) })}
          </span>
          {verdict.label && <span> {verdict.label}</span>}
        </p>
      )}
    </section>
  )
}
