import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { en } from '../../src/app/texts/en'
import { ja } from '../../src/app/texts/ja'
import { settingsEn } from '../../src/app/texts/settingsEn'
import { settingsJa } from '../../src/app/texts/settingsJa'

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  )
}

const english = new Map(flat({ ...en, settings: settingsEn }))
const japanese = new Map(flat({ ...ja, settings: settingsJa }))
const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
const sources = new Map(files.map((name) => [name, readFileSync(join('src', name), 'utf8')]))

test('both languages have the same keys, and no empty text', () => {
  expect([...japanese.keys()]).toEqual([...english.keys()])
  expect([...english.values(), ...japanese.values()].filter((text) => text.trim() === '')).toEqual([])
})

test('both languages fill in the same values', () => {
  const holes = (text = '') => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort()
  for (const [key, text] of english) expect(holes(japanese.get(key)), key).toEqual(holes(text))
})

test('Japanese texts are Japanese', () => {
  const foreign = [...japanese].filter(([, text]) => !/[\u3040-\u30ff\u4e00-\u9fff]/.test(text))
  const allowed = [
    'app.name',
    'bundles.auc_value',
    'bundles.small_tflite',
    'class.heard',
    'class.percent',
    'inspect.shape',
    'live.latency_ms',
    'live.level_value',
    'live.limit_value_unknown',
    'settings.gib',
    'settings.mib',
    'unit.hz',
    'unit.khz',
  ]
  expect(foreign.map(([key]) => key).filter((key) => !allowed.includes(key))).toEqual([])
})

test('terms are the same everywhere', () => {
  const wrong = /閾値|限界|スレッショルド|アラーム|アノマリ/
  expect([...japanese].filter(([, text]) => wrong.test(text))).toEqual([])
})

test('every text is used', () => {
  const all = [...sources].filter(([name]) => !name.startsWith('app/texts')).map(([, text]) => text)
  const code = all.join('\n')
  const prefixes = [...code.matchAll(/`(\w+)\.(\w*)\$\{/g)].map(
    ([, room, start]) => `${room ?? ''}.${start ?? ''}`,
  )
  const unused = [...english.keys()].filter(
    (key) => !code.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)),
  )
  expect(unused).toEqual([])
})

const SPOKEN = new Set([
  'aria-label',
  'title',
  'placeholder',
  'alt',
  'label',
  'aria-valuetext',
  'aria-description',
])

function literals(name: string, text: string): string[] {
  const found: string[] = []
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) found.push(node.text.trim())
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer) {
      if (ts.isStringLiteral(node.initializer)) found.push(node.initializer.text)
    }
    if (ts.isJsxExpression(node) && node.expression && ts.isStringLiteralLike(node.expression)) {
      if (!ts.isJsxAttribute(node.parent) && /\p{L}/u.test(node.expression.text))
        found.push(node.expression.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

test('no word stands in the markup', () => {
  const screens = [...sources].filter(([name]) => name.endsWith('.tsx'))
  expect(screens.length).toBeGreaterThan(20)
  expect(screens.flatMap(([name, text]) => literals(name, text).map((word) => `${name}: ${word}`))).toEqual(
    [],
  )
})

test('a word in the markup would be found', () => {
  expect(literals('x.tsx', '<p title="a">Hello {"you"}</p>')).toEqual(['a', 'Hello', 'you'])
})

test('there is no emoji anywhere', () => {
  const emoji = [...sources].filter(([, text]) => /\p{Extended_Pictographic}/u.test(text))
  expect(emoji.map(([name]) => name)).toEqual([])
})
