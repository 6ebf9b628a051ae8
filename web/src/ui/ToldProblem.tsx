import { useTranslation } from 'react-i18next'
import { beatsOf, ownWords, type BeatTexts, type Told } from './beats'

/** An error of the server in three beats: in the page's language, else in the server's own words. */
export function ToldProblem({ told }: { told: Told }) {
  const words = useWords(told)
  return words === null ? <span lang="en">{ownWords(told)}</span> : <span>{words}</span>
}

/** The page's own words for an error; null where it has none, as always in English. */
export function useWords(told: Told): string | null {
  const { t, i18n } = useTranslation()
  const texts = i18n.getResource(i18n.language, 'translation', 'problems') as BeatTexts | undefined
  const number = (value: number) => value.toLocaleString(i18n.language, { maximumFractionDigits: 2 })
  const beats = beatsOf(told, texts ?? {}, number)
  return beats && `${beats.what} ${t('app.expected', { what: beats.expected })} ${beats.action}`
}
