import type { TFunction } from 'i18next'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

function inKhz(hz: number, language: string): string {
  return (hz / 1000).toLocaleString(language, { maximumFractionDigits: hz < 10_000 ? 1 : 0 })
}

/** Numbers, times and frequencies in the page's language. */
export function formatIn(language: string, t: TFunction) {
  const number = (value: number, digits = 0) =>
    value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const duration = (seconds: number): string => {
    if (seconds < 90) return t('unit.seconds', { n: number(Math.max(0, Math.round(seconds))) })
    if (seconds < 5400) return t('unit.minutes', { n: number(Math.round(seconds / 60)) })
    return t('unit.hours', { n: number(seconds / 3600, seconds < 36_000 ? 1 : 0) })
  }
  return {
    number,
    hz: (hz: number): string => {
      if (hz < 1000) return t('unit.hz', { n: number(hz) })
      return t('unit.khz', { n: inKhz(hz, language) })
    },
    /** Two frequencies; the unit stands once where it is the same. */
    band: (lowHz: number, highHz: number): string => {
      const low = Math.round(lowHz / 10) * 10
      const high = Math.round(highHz / 10) * 10
      if (high < 1000) return t('unit.hz', { n: `${number(low)}–${number(high)}` })
      if (low >= 1000) return t('unit.khz', { n: `${inKhz(low, language)}–${inKhz(high, language)}` })
      return `${t('unit.hz', { n: number(low) })} – ${t('unit.khz', { n: inKhz(high, language) })}`
    },
    duration,
    /** A number of any size, to two places. */
    figure: (value: number): string =>
      value.toLocaleString(language, { minimumFractionDigits: 4, maximumFractionDigits: 4 }),
    about: (value: number): string => value.toLocaleString(language, { maximumSignificantDigits: 2 }),
    /** So many a day; of many, how often one comes. */
    rate: (perDay: number): string => {
      if (perDay > 24) return t('unit.every', { duration: duration(86_400 / perDay) })
      return t('unit.a_day', { n: number(perDay, perDay < 10 && perDay % 1 !== 0 ? 1 : 0) })
    },
    clock: (date: Date): string => date.toLocaleTimeString(language, { hour12: false }),
    moment: (date: Date): string =>
      date.toLocaleString(language, {
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hour12: false,
      }),
    day: (date: Date): string => date.toLocaleDateString(language, { month: 'short', day: 'numeric' }),
  }
}

export type Format = ReturnType<typeof formatIn>

export function useFormat(): Format {
  const { t, i18n } = useTranslation()
  return useMemo(() => formatIn(i18n.language, t), [i18n.language, t])
}
