// Writes src/api/schema.d.ts from the server's own schema; with --check it only tells whether that is still the same.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'

const target = new URL('../src/api/schema.d.ts', import.meta.url)
const own = new URL('../../.venv/bin/python', import.meta.url).pathname
const python = process.env.PYTHON ?? (existsSync(own) ? own : 'python3')
const schema = execFileSync(python, ['-m', 'auscult.server.schema'], { encoding: 'utf8', maxBuffer: 1e8 })
const text = `// Made by \`npm run types\` from the server's schema.\n\n${astToString(await openapiTS(JSON.parse(schema)))}`

if (!process.argv.includes('--check')) {
  writeFileSync(target, text)
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('src/api/schema.d.ts is not what the server says. Make it again: cd web && npm run types')
  process.exit(1)
}
