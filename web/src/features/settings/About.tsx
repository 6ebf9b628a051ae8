import { useQuery } from '@tanstack/react-query'
import { ClipboardList, Info } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { settingsApi, type NpmPackage } from '../../api/settings'
import { Problem } from '../../ui/Problem'
import { CopyButton, Section } from './parts'

/** What the browser knows of itself, for a report of a fault. */
function browserFacts() {
  return {
    browser: navigator.userAgent,
    language: navigator.language,
    screen: `${String(innerWidth)} × ${String(innerHeight)} at ${String(devicePixelRatio)}`,
    secure: isSecureContext,
    https: location.protocol === 'https:',
    notifications: 'Notification' in window ? Notification.permission : 'missing',
    audio_worklet: 'AudioWorkletNode' in window,
  }
}

export function Diagnostics() {
  const { t } = useTranslation()
  const found = useQuery({ queryKey: ['diagnostics'], queryFn: settingsApi.diagnostics })
  const text = found.data ? JSON.stringify({ ...found.data, page: browserFacts() }, null, 1) : ''
  return (
    <Section
      id="diagnostics"
      title={t('settings.diagnostics')}
      Icon={ClipboardList}
      hint={t('settings.diagnostics_hint')}
    >
      {found.isPending && <p role="status">{t('app.loading')}</p>}
      {found.error && <Problem error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && (
        <>
          <EverydayNames by={found.data.everyday_names_by} />
          <CopyButton text={text} label={t('settings.diagnostics_copy')} />
          <details className="text-sm">
            <summary className="min-h-6">{t('settings.diagnostics_see')}</summary>
            <pre
              className="mt-2 max-h-80 overflow-auto rounded-lg bg-raised p-3"
              lang="en"
              tabIndex={0}
              data-testid="diagnostics"
            >
              {text}
            </pre>
          </details>
        </>
      )}
    </Section>
  )
}

const FETCH = 'auscult embedder fetch mn04'

function EverydayNames({ by }: { by: string | null }) {
  const { t } = useTranslation()
  if (by !== null) return <p className="text-sm">{t('settings.everyday_by', { by })}</p>
  return (
    <p className="text-sm">
      {t('settings.everyday_none')}
      <code className="rounded bg-raised px-1" lang="en">
        {FETCH}
      </code>
    </p>
  )
}

export function About() {
  const { t } = useTranslation()
  const about = useQuery({ queryKey: ['about'], queryFn: settingsApi.about, staleTime: Infinity })
  const page = useQuery({ queryKey: ['licences'], queryFn: settingsApi.npm, staleTime: Infinity })
  return (
    <Section id="about" title={t('settings.about')} Icon={Info}>
      {about.error && <Problem error={about.error} onRetry={() => void about.refetch()} />}
      {about.data && (
        <p className="text-sm">
          {t('settings.about_version', { version: about.data.version, licence: about.data.licence })}
        </p>
      )}
      <Packages title={t('settings.of_server')} packages={about.data?.packages ?? []} />
      <Packages title={t('settings.of_page')} packages={page.data ?? []} />
    </Section>
  )
}

function Packages({ title, packages }: { title: string; packages: NpmPackage[] }) {
  const { t } = useTranslation()
  if (packages.length === 0) return null
  return (
    <details className="text-sm" data-testid="packages">
      <summary className="min-h-6">{t('settings.packages', { title, n: packages.length })}</summary>
      <div className="mt-2 max-h-80 overflow-auto" tabIndex={0} role="region" aria-label={title}>
        <table className="w-full">
          <thead>
            <tr className="text-left text-mute">
              <th scope="col">{t('settings.package')}</th>
              <th scope="col">{t('settings.version')}</th>
              <th scope="col">{t('settings.licence')}</th>
            </tr>
          </thead>
          <tbody>
            {packages.map(({ name, version, licence }) => (
              <tr key={name} className="border-t border-line" lang="en">
                <td className="py-0.5 pr-3 break-all">{name}</td>
                <td className="pr-3">{version}</td>
                <td>{licence}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
