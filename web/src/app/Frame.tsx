import { useQuery } from '@tanstack/react-query'
import { AudioLines, Box, GraduationCap, ListChecks, Radio, ScanSearch, Settings } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useRoute } from 'wouter'
import { api } from '../api/client'
import { Menu, MenuChoice, MenuItem, MenuLine, MenuNote } from '../ui/Menu'
import { LANGUAGES, setLanguage, type Language } from './i18n'
import { useQuiet } from './quiet'
import { chosenTheme, setTheme, type Theme } from './theme'

const PLACES = [
  { name: 'live', href: '/', route: '/', Icon: Radio },
  { name: 'events', href: '/events', route: '/events/:id?', Icon: ListChecks },
  { name: 'learn', href: '/learn', route: '/learn', Icon: GraduationCap },
  { name: 'bundles', href: '/bundles', route: '/bundles', Icon: Box },
  { name: 'inspect', href: '/inspect', route: '/inspect', Icon: ScanSearch },
  // On a phone there is no room for it at the bottom: it is in the header's menu.
  { name: 'settings', href: '/settings', route: '/settings/*?', Icon: Settings },
] as const

export function Header() {
  const { t } = useTranslation()
  return (
    <header className="flex h-14 print:hidden items-center justify-between border-b border-line bg-surface px-3 md:px-5">
      <Link href="/" className="flex min-h-10 items-center gap-2 text-lg font-bold no-underline">
        <AudioLines size={24} className="text-ok" aria-hidden />
        {t('app.name')}
      </Link>
      <SettingsMenu />
    </header>
  )
}

function SettingsMenu() {
  const { t, i18n } = useTranslation()
  const [theme, setShown] = useState(chosenTheme)
  const isQuiet = useQuiet((quiet) => quiet.isQuiet)
  const [, navigate] = useLocation()
  const config = useQuery({
    queryKey: ['config'],
    queryFn: api.config,
    staleTime: Infinity,
    enabled: !isQuiet,
  })
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={t('app.settings')}
          className="grid size-10 place-items-center rounded-[10px] hover:bg-raised"
        >
          <Settings size={20} aria-hidden />
        </button>
      }
    >
      <MenuChoice<Language>
        label={t('app.language')}
        value={i18n.language as Language}
        options={Object.entries(LANGUAGES) as [Language, string][]}
        onChange={(language) => void setLanguage(language)}
      />
      <MenuLine />
      <MenuChoice<Theme>
        label={t('app.theme')}
        value={theme}
        options={(['system', 'dark', 'light'] as const).map(
          (name) => [name, t(`app.theme_${name}`)] as const,
        )}
        onChange={(name) => {
          setTheme(name)
          setShown(name)
        }}
      />
      <MenuLine />
      <MenuItem
        onSelect={() => {
          navigate('/settings')
        }}
      >
        {t('app.all_settings')}
      </MenuItem>
      <MenuLine />
      <MenuNote>{t('app.privacy')}</MenuNote>
      {config.data && <MenuNote>{t('app.version', { version: config.data.version })}</MenuNote>}
    </Menu>
  )
}

/** At the left; on a phone at the bottom, where the thumb is. */
export function Navigation() {
  const { t } = useTranslation()
  const isQuiet = useQuiet((quiet) => quiet.isQuiet)
  const unreviewed = useQuery({
    enabled: !isQuiet,
    queryKey: ['events', 'unreviewed'],
    queryFn: () => api.events({ label: 'none', limit: 1 }),
    refetchInterval: 15_000,
  })
  return (
    <nav
      aria-label={t('app.nav')}
      className="z-40 flex gap-1 border-line print:hidden bg-surface max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:border-t max-md:pb-[env(safe-area-inset-bottom)] md:sticky md:top-0 md:h-[calc(100dvh-3.5rem)] md:w-44 md:shrink-0 md:flex-col md:border-r md:p-3"
    >
      {PLACES.map((place) => (
        <Place
          key={place.name}
          place={place}
          count={place.name === 'events' ? (unreviewed.data?.total ?? 0) : 0}
        />
      ))}
    </nav>
  )
}

function Place({ place, count }: { place: (typeof PLACES)[number]; count: number }) {
  const { t } = useTranslation()
  const [isHere] = useRoute(place.route)
  const { Icon } = place
  return (
    <Link
      href={place.href}
      aria-current={isHere ? 'page' : undefined}
      className={`flex min-h-12 items-center gap-2 rounded-[10px] px-3 text-sm no-underline max-md:grow max-md:flex-col max-md:justify-center max-md:gap-0 max-md:py-1 max-md:text-xs md:min-h-10 ${place.name === 'settings' ? 'max-md:hidden' : ''} ${isHere ? 'font-semibold text-accent md:bg-raised' : 'text-ink hover:bg-raised'}`}
    >
      <span className="relative">
        <Icon size={20} aria-hidden />
        <Badge count={count} className="absolute -top-2 left-3 md:hidden" />
      </span>
      <span>{t(`nav.${place.name}`)}</span>
      <Badge count={count} className="ml-auto max-md:hidden" />
      {count > 0 && <span className="sr-only">{t('nav.unreviewed', { n: count })}</span>}
    </Link>
  )
}

function Badge({ count, className }: { count: number; className: string }) {
  if (count === 0) return null
  return (
    <span
      className={`grid h-4 min-w-4 place-items-center rounded-full bg-accent px-1 text-[10px] leading-none font-semibold text-on-accent ${className}`}
      aria-hidden
    >
      {Math.min(count, 99)}
    </span>
  )
}
