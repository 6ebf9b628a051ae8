import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { en } from './texts/en'
import { ja } from './texts/ja'

export const LANGUAGES = { ja: '日本語', en: 'English' } as const
export type Language = keyof typeof LANGUAGES

const KEY = 'auscult.language'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof en }
  }
}

/** What was chosen, else the first of the browser's languages that we speak. */
export function firstLanguage(chosen: string | null, preferred: readonly string[]): Language {
  const speaks = (tag: string | null): tag is Language => tag === 'ja' || tag === 'en'
  if (speaks(chosen)) return chosen
  return preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find(speaks) ?? 'en'
}

export function setLanguage(language: Language): void {
  localStorage.setItem(KEY, language)
  void i18next.changeLanguage(language)
}

export function startTexts(): void {
  i18next.on('languageChanged', (language) => (document.documentElement.lang = language))
  void i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, ja: { translation: ja } },
    lng: firstLanguage(localStorage.getItem(KEY), navigator.languages),
    fallbackLng: 'en',
    interpolation: { escapeValue: false },
    initAsync: false,
  })
}
