import { Languages } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LANGUAGES, setLanguage, type Language } from '../../app/i18n'
import { chosenTheme, setTheme, type Theme } from '../../app/theme'
import { Select } from '../../ui/Select'
import { Section } from './parts'

/** Of this browser alone. */
export function Appearance() {
  const { t, i18n } = useTranslation()
  const [theme, setShown] = useState(chosenTheme)
  return (
    <Section
      id="appearance"
      title={t('settings.appearance')}
      Icon={Languages}
      hint={t('settings.appearance_hint')}
    >
      <div className="flex flex-wrap gap-4">
        <Select<Language>
          label={t('app.language')}
          isLabelShown
          value={i18n.language as Language}
          options={Object.entries(LANGUAGES) as [Language, string][]}
          onChange={setLanguage}
        />
        <Select<Theme>
          label={t('app.theme')}
          isLabelShown
          value={theme}
          options={(['system', 'dark', 'light'] as const).map(
            (name) => [name, t(`app.theme_${name}`)] as const,
          )}
          onChange={(name) => {
            setTheme(name)
            setShown(name)
          }}
        />
      </div>
    </Section>
  )
}
