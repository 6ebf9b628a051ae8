import i18next from 'i18next'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { initReactI18next } from 'react-i18next'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { ApiError } from '../../src/api/client'
import { en } from '../../src/app/texts/en'
import { ja } from '../../src/app/texts/ja'
import { problemsJa } from '../../src/app/texts/problemsJa'
import { beatsOf, ownWords } from '../../src/ui/beats'
import { Problem } from '../../src/ui/Problem'
import { ToldProblem } from '../../src/ui/ToldProblem'

const SHORT = {
  type: 'urn:auscult:unprocessable-content',
  title: 'Unprocessable Content',
  status: 422,
  detail: 'fan.wav is 0.05 s long.',
  expected: 'at least 0.1 s of sound',
  action: 'Leave it out.',
  code: 'audio_short' as const,
  values: { name: 'fan.wav', seconds: 0.05, least_s: 0.1 },
  id: '0123456789ab',
}

const shown = (told: typeof SHORT) => renderToStaticMarkup(createElement(ToldProblem, { told }))
const card = (problem: object) =>
  renderToStaticMarkup(createElement(Problem, { error: new ApiError(422, problem as typeof SHORT) }))

beforeAll(() =>
  i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, ja: { translation: { ...ja, problems: problemsJa } } },
    lng: 'ja',
    fallbackLng: false,
    interpolation: { escapeValue: false },
  }),
)
beforeEach(() => i18next.changeLanguage('ja'))

test('the Japanese page tells an error in Japanese, in three beats, with its values', () => {
  expect(shown(SHORT)).toBe(
    '<span>fan.wav は 0.05 秒しかありません。 必要なもの:0.1 秒以上の音。 このファイルを除くか、もっと長く録音してください。</span>',
  )
})

test('the English page tells it in the words of the server, all three beats', async () => {
  await i18next.changeLanguage('en')
  expect(shown(SHORT)).toBe(
    '<span lang="en">fan.wav is 0.05 s long. Expected: at least 0.1 s of sound. Leave it out.</span>',
  )
})

test('what has no code, or not all values, is told in English and said to be', () => {
  const bare = { ...SHORT, code: null }
  expect(shown(bare as never)).toContain('lang="en">fan.wav is 0.05 s long. Expected:')
  expect(shown({ ...SHORT, values: { name: 'fan.wav' } } as never)).toContain('lang="en">')
  expect(shown({ ...SHORT, code: 'of_tomorrow' } as never)).toContain('lang="en">')
})

test('the words of the server stay within reach, and are open only where there are no others', () => {
  expect(card(SHORT)).toContain('秒しかありません')
  expect(card(SHORT)).toMatch(/<details class="[^"]*">.*<p lang="en">fan\.wav is 0\.05 s long\./)
  expect(card({ ...SHORT, code: null })).toMatch(/<details class="[^"]*" open="">/)
})

test('an error without an expectation or a way out has fewer beats', () => {
  expect(ownWords({ ...SHORT, expected: '', action: '' })).toBe('fan.wav is 0.05 s long.')
  expect(ownWords({ ...SHORT, expected: 'a recording.' })).toContain('Expected: a recording. Leave')
})

test('all the words are Japanese, of the same terms as the page, and end as they should', () => {
  for (const [code, beats] of Object.entries(problemsJa)) {
    expect(beats.what, code).toMatch(/[\u3040-\u30ff\u4e00-\u9fff].*。$/)
    expect(beats.action, code).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/)
    expect(beats.expected, code).not.toMatch(/。$/)
    expect(Object.values(beats).join(''), code).not.toMatch(
      /閾値|限界|スレッショルド|アラーム|アノマリ|バンドル/,
    )
  }
})

test('numbers are in the form that is asked for', () => {
  const number = (value: number) => `<${value}>`
  expect(beatsOf(SHORT, problemsJa, number)?.what).toBe('fan.wav は <0.05> 秒しかありません。')
})
