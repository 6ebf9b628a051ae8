import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { UndoBar } from '../../ui/UndoBar'
import { About, Diagnostics } from './About'
import { Appearance } from './Appearance'
import { Help } from './Help'
import { Maintenance, QuietHours } from './Hours'
import { Keeping } from './Keeping'
import { Keys } from './Keys'
import { Microphone } from './Microphone'
import { Notify } from './Notify'
import { Patience } from './Patience'
import { Phone } from './Phone'
import { Privacy } from './Privacy'
import { Sensitivity } from './Sensitivity'
import './texts'
import { SavingContext, useSettings } from './useSettings'

const PLACES = [
  ['appearance', 'settings.appearance'],
  ['microphone', 'settings.microphone'],
  ['sensitivity', 'live.sensitivity'],
  ['patience', 'settings.patience'],
  ['notify', 'settings.notify'],
  ['quiet', 'settings.quiet'],
  ['maintenance', 'settings.maintenance'],
  ['keeping', 'settings.keeping'],
  ['privacy', 'settings.privacy'],
  ['keys', 'settings.keys'],
  ['phone', 'settings.phone'],
  ['help', 'settings.help'],
  ['diagnostics', 'settings.diagnostics'],
  ['about', 'settings.about'],
] as const

const OF_OWNER = new Set<string>(['keys', 'diagnostics'])

/** Everything that can be set, on one page; what is changed counts at once. */
export default function SettingsPage() {
  const { t } = useTranslation()
  const config = useQuery({ queryKey: ['config'], queryFn: api.config, staleTime: Infinity })
  const mayChange = config.data?.scope === 'admin'
  const { query, saving, error, isStale, lookAgain, undoable, undo, forgetUndo } = useSettings(mayChange)
  const isThere = saving !== null && !config.isPending
  useEffect(() => {
    // A link to a part may come from another screen, when that part was not there yet.
    if (isThere && location.hash !== '') document.getElementById(location.hash.slice(1))?.scrollIntoView()
  }, [isThere])
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-4">
      <h1 className="text-2xl font-bold">{t('app.settings')}</h1>
      <nav aria-label={t('settings.parts')} className="flex flex-wrap gap-x-3 gap-y-1 text-sm">
        {PLACES.filter(([id]) => mayChange || !OF_OWNER.has(id)).map(([id, key]) => (
          <a key={id} href={`#${id}`} className="inline-flex min-h-6 items-center text-accent">
            {t(key)}
          </a>
        ))}
      </nav>
      {config.data && !mayChange && <p className="text-sm text-watch">{t('settings.may_not')}</p>}
      {isStale && (
        <div role="alert" className="card flex flex-wrap items-center gap-3 border-watch p-4 text-sm">
          <p className="grow">{t('settings.stale')}</p>
          <Button look="primary" onClick={lookAgain}>
            {t('settings.look_again')}
          </Button>
        </div>
      )}
      {error && !isStale && <Problem error={error} />}
      <Appearance />
      <Microphone />
      {query.isPending && <p role="status">{t('app.loading')}</p>}
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {saving && (
        <SavingContext value={saving}>
          <Sensitivity />
          <Patience />
          <Notify />
          <QuietHours />
          <Maintenance />
          <Keeping />
          <Privacy />
        </SavingContext>
      )}
      {/* Not before what stands above them: they would be pushed away under the reader's eyes. */}
      {!query.isPending && !config.isPending && (
        <>
          {mayChange && <Keys />}
          <Phone />
          <Help />
          {mayChange && <Diagnostics />}
          <About />
        </>
      )}
      <UndoBar text={undoable && t('settings.saved')} onUndo={undo} onDismiss={forgetUndo} />
    </div>
  )
}
