import i18next from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import { en } from '../../../src/app/texts/en'
import { ja } from '../../../src/app/texts/ja'
import { playWords, whoseNormal } from '../../../src/features/events/normal'

beforeAll(() =>
  i18next.init({
    resources: { en: { translation: en }, ja: { translation: ja } },
    lng: 'en',
    interpolation: { escapeValue: false },
  }),
)

const own = { bundle: 'Fan 3', is_judge: true, references_of: 'normal', has_sound: true } as const

test('it is said that the normal sound is of a model, and the same for every event', () => {
  expect(whoseNormal(own, i18next.t)).toBe(
    'To compare: seconds that “Fan 3” keeps of normal sound, the same for every event.',
  )
})

test('after a new normal it is said to be of an earlier one, in both languages', async () => {
  const earlier = { ...own, references_of: 'earlier' } as const
  expect(whoseNormal(earlier, i18next.t)).toMatch(
    /of an earlier normal; of the present one no sound is kept\.$/,
  )
  await i18next.changeLanguage('ja')
  expect(whoseNormal(earlier, i18next.t)).toContain('以前の普段の音であり')
  await i18next.changeLanguage('en')
})

test('where noise is kept in the place of speech there is no normal sound, and that is said, in both languages', async () => {
  const none = { ...own, references_of: 'earlier', has_sound: false } as const
  expect(whoseNormal(none, i18next.t)).toBe(
    'There is no normal sound to compare with: somebody may speak in what “Fan 3” was learned from, so it keeps noise in its place.',
  )
  await i18next.changeLanguage('ja')
  expect(whoseNormal(none, i18next.t)).toContain('聞き比べられる普段の音はありません')
  await i18next.changeLanguage('en')
})

test('where the model that judged is gone, the sound is said to be of another', () => {
  expect(whoseNormal({ ...own, is_judge: false }, i18next.t)).toContain('is gone; this one is in use now')
  expect(whoseNormal(own, i18next.t)).not.toContain('gone')
})

test('of a change that lasts the sounds are of before and after, else of the event and of normal', () => {
  const earlier = { ...own, references_of: 'earlier' } as const
  expect(playWords({ kind: 'drift', normal: own })).toEqual({
    own: 'drift.play_since',
    normal: 'drift.play_before',
  })
  expect(playWords({ kind: 'drift', normal: earlier }).normal).toBe('drift.play_earlier')
  expect(playWords({ kind: 'anomaly', normal: own })).toEqual({
    own: 'events.play',
    normal: 'events.play_normal',
  })
  expect(playWords({ kind: 'anomaly', normal: earlier }).normal).toBe('events.play_earlier')
  expect(playWords({ kind: 'louder', normal: null }).own).toBe('events.play')
})
