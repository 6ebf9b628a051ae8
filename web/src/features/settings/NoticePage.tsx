import { useQuery } from '@tanstack/react-query'
import { Printer } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { settingsApi } from '../../api/settings'
import { Button, buttonClass } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { INPUT } from './parts'
import './texts'

/** A sheet to be hung up where a microphone is: it says what is true with the settings as they are. */
export default function NoticePage() {
  const { t } = useTranslation()
  const format = useFormat()
  const settings = useQuery({ queryKey: ['settings'], queryFn: settingsApi.get })
  const [who, setWho] = useState('')
  const info = settings.data
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-2 print:hidden">
        <label className="flex flex-col text-sm text-mute">
          {t('settings.notice_who')}
          <input
            className={`${INPUT} w-72`}
            value={who}
            maxLength={120}
            onChange={({ target }) => {
              setWho(target.value)
            }}
          />
        </label>
        <Button
          look="primary"
          disabled={!info}
          icon={<Printer size={16} aria-hidden />}
          onClick={() => {
            print()
          }}
        >
          {t('settings.notice_print')}
        </Button>
        <Link href="/settings#privacy" className={buttonClass()}>
          {t('app.back')}
        </Link>
      </div>
      {settings.isPending && <p role="status">{t('app.loading')}</p>}
      {settings.error && <Problem error={settings.error} onRetry={() => void settings.refetch()} />}
      {info && (
        <article className="card max-w-2xl p-8 text-lg print:max-w-none print:border-0" data-testid="notice">
          <h1 className="mb-4 text-3xl font-bold">{t('settings.notice_title')}</h1>
          <p className="mb-3">{t('settings.notice_why')}</p>
          <ul className="mb-3 flex list-disc flex-col gap-2 pl-6">
            <li>{t('settings.notice_judged')}</li>
            <li>
              {info.store_clips
                ? t('settings.notice_clips', { days: format.about(info.clips_days) })
                : t('settings.notice_no_clips')}{' '}
              {info.store_clips &&
                t(info.keep_speech ? 'settings.notice_speech' : 'settings.notice_no_speech')}
            </li>
            <li>{t('settings.notice_models')}</li>
            <li>
              {info.events_days === null
                ? t('settings.notice_events_for_ever')
                : t('settings.notice_events', { days: format.about(info.events_days) })}
            </li>
          </ul>
          <p>{who.trim() === '' ? t('settings.notice_ask_owner') : t('settings.notice_ask', { who })}</p>
        </article>
      )}
    </div>
  )
}
