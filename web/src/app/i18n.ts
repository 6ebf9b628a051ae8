import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { en, Texts } from './texts/en'
import type { problemsJa } from './texts/problemsJa'
import type { settingsEn } from './texts/settingsEn'

export const LANGUAGES = { ja: '日本語', en: 'English' } as const
export type Language = keyof typeof LANGUAGES

const KEY = 'auscult.language'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    // Those of the settings come with their screen.
    resources: { translation: typeof en & { settings: typeof settingsEn } }
  }
}

/** What was chosen, else the first of the browser's languages that we speak. */
export function firstLanguage(chosen: string | null, preferred: readonly string[]): Language {
  const speaks = (tag: string | null): tag is Language => tag === 'ja' || tag === 'en'
  if (speaks(chosen)) return chosen
  return preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find(speaks) ?? 'en'
}

/** Only the words of the language that is shown are loaded; the server's errors are English as they come. */
const TEXTS: Record<Language, () => Promise<Texts & { problems?: typeof problemsJa }>> = {
  en: async () => (await import('./texts/en')).en,
  ja: async () => ({
    ...(await import('./texts/ja')).ja,
    problems: (await import('./texts/problemsJa')).problemsJa,
  }),
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEY, language)
  // Screens may have brought words of their own; those stay.
  i18next.addResourceBundle(language, 'translation', await TEXTS[language](), true)
  await i18next.changeLanguage(language)
}

export async function startTexts(): Promise<void> {
  const language = firstLanguage(localStorage.getItem(KEY), navigator.languages)
  i18next.on('languageChanged', (chosen) => (document.documentElement.lang = chosen))
  await i18next.use(initReactI18next).init({
    resources: { [language]: { translation: await TEXTS[language]() } },
    lng: language,
    fallbackLng: false,
    interpolation: { escapeValue: false },
  })
}
