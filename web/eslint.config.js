import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

// A feature may use the rooms below it, never another feature; what handles sound and talks to the server knows no React.
const features = ['live', 'events', 'learn', 'inspect', 'bundles', 'local', 'firstrun', 'settings']
// The first run is made of what Live and Learn have.
const lent = { firstrun: ['live/StartPanel', 'live/session', 'learn/LearnPage'] }
const others = (own) => [
  ...features.filter((name) => name !== own).map((name) => `**/${name}/*`),
  ...(lent[own] ?? []).map((name) => `!**/${name}`),
]
const forbid = (files, patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { patterns }] } })

export default tseslint.config(
  { ignores: ['node_modules', 'src/api/schema.d.ts'] },
  ...tseslint.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/no-non-null-assertion': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  ...features.map((own) =>
    forbid(
      [`src/features/${own}/**`],
      [{ group: others(own), message: 'Features do not import each other.' }],
    ),
  ),
  forbid(
    ['src/audio/**', 'src/api/**', 'src/localengine/**'],
    [
      {
        group: ['react', 'react-*', '**/features/**', '**/app/**', '**/ui/**'],
        message: 'No React, no screens here.',
      },
    ],
  ),
  forbid(['src/ui/**'], [{ group: ['**/features/**'], message: 'Parts know no screens.' }]),
)
