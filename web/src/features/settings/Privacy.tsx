import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Download, Printer, ShieldCheck, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { settingsApi } from '../../api/settings'
import { Button, buttonClass } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { INPUT, Section, Switch } from './parts'
import { useSaving } from './useSettings'

/** What becomes of sound, in words; all that is kept, to be taken along or to be gone. */
export function Privacy() {
  const { t } = useTranslation()
  const { info, mayChange } = useSaving()
  return (
    <Section id="privacy" title={t('settings.privacy')} Icon={ShieldCheck}>
      <ul className="flex list-disc flex-col gap-1 pl-5 text-sm">
        <li>{t('settings.privacy_server')}</li>
        <li>{t(info.store_clips ? 'settings.privacy_clips' : 'settings.privacy_no_clips')}</li>
        {info.store_clips && (
          <li>{t(info.keep_speech ? 'settings.privacy_speech' : 'settings.privacy_no_speech')}</li>
        )}
        <li>{t('settings.privacy_models')}</li>
        <li>{t('settings.privacy_told')}</li>
      </ul>
      <div className="flex flex-wrap gap-2">
        <Link href="/settings/notice" className={buttonClass()}>
          <Printer size={16} aria-hidden />
          {t('settings.notice')}
        </Link>
        {mayChange && (
          <a href="/api/export-all" download className={buttonClass()}>
            <Download size={16} aria-hidden />
            {t('settings.export_all')}
          </a>
        )}
      </div>
      {mayChange && <Erase />}
    </Section>
  )
}

function Erase() {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [typed, setTyped] = useState('')
  const [withBundles, setWithBundles] = useState(false)
  const word = t('settings.erase_word')
  const erase = useMutation({
    mutationFn: settingsApi.erase,
    onSuccess: () => {
      setTyped('')
      return queries.invalidateQueries()
    },
  })
  return (
    <form
      className="flex flex-col items-start gap-2 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault()
        erase.mutate(withBundles)
      }}
    >
      <h3 className="font-semibold">{t('settings.erase')}</h3>
      <p className="text-sm text-mute">{t('settings.erase_hint')}</p>
      <Switch label={t('settings.erase_bundles')} isOn={withBundles} onChange={setWithBundles} />
      <label className="flex flex-col text-sm text-mute">
        {t('settings.erase_type', { word })}
        <input
          className={`${INPUT} w-56`}
          value={typed}
          autoComplete="off"
          onChange={({ target }) => {
            setTyped(target.value)
          }}
        />
      </label>
      <Button
        type="submit"
        className="border-bad! text-bad!"
        disabled={typed.trim() !== word || erase.isPending}
        icon={<Trash2 size={16} aria-hidden />}
      >
        {t('settings.erase_now')}
      </Button>
      <p role="status" className="text-sm">
        {erase.data && t('settings.erased', { events: erase.data.events, bundles: erase.data.bundles })}
      </p>
      {erase.error && <Problem error={erase.error} />}
    </form>
  )
}
