// The house's rules as lint. Who may import whom is one table: a folder → what of ours it may name besides itself.
import { readdirSync } from 'node:fs'
import { defineConfig, type OxlintOverride } from 'oxlint'

const PRODUCT = ['businesses', 'imports', 'integrations', 'oauth', 'sync', 'transactions', 'webhooks'] as const
const CRM_SHARED = [
  '#crm/contract.ts',
  '#crm/files.ts',
  '#crm/messages.ts',
  '#crm/oauth.ts',
  '#crm/webhook-events.ts',
  '#crm/webhook.ts',
]
/** Every folder there is a connector. */
const CONNECTORS = readdirSync('src/crm', { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
)

const PRODUCT_MAY = [
  '#context.ts',
  '#crypto/**',
  '#db/**',
  '#lib/**',
  ...CRM_SHARED,
  '#crm/registry.ts',
  ...PRODUCT.map((folder) => `#${folder}/**`),
]

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/lib': ['#lib/**'],
  'src/crypto': ['#crypto/**', '#lib/**'],
  'src/db': ['#db/**', '#lib/**'],
  'src/crm': ['#crm/**', '#lib/**'],
  ...Object.fromEntries(
    CONNECTORS.map((type) => [`src/crm/${type}`, [...CRM_SHARED, `#crm/${type}/**`, '#crypto/**', '#lib/**']]),
  ),
  ...Object.fromEntries(PRODUCT.map((folder) => [`src/${folder}`, PRODUCT_MAY])),
  'src/api': [
    '#api/**',
    '#config.ts',
    '#context.ts',
    '#crm/contract.ts',
    '#crm/registry.ts',
    '#db/errors.ts',
    '#db/reachable.ts',
    '#lib/**',
    ...PRODUCT.map((folder) => `#${folder}/**`),
  ],
}

/** Packages that only these folders may name. */
/** Only tests and benches use Neon's own driver: src/db/neon-http.ts says why. */
const NEON = ['@neondatabase/**']
const DRIVER = [...NEON, 'drizzle-orm/neon-http', 'drizzle-orm/neon-http/**']
const DRIZZLE = ['drizzle-orm', 'drizzle-orm/**', ...NEON]

const PARENTS = { regex: String.raw`^\.\./`, message: 'Name the folder: #folder/file.ts.' }
function folderRule(folder: string, allowed: readonly string[]): OxlintOverride {
  const isProduct = PRODUCT.some((name) => folder === `src/${name}`)
  const packages = isProduct ? DRIVER : folder === 'src/db' ? NEON : DRIZZLE
  return {
    files: [`${folder}/**`],
    rules: {
      'eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            PARENTS,
            {
              group: ['#*', '#*/**', ...allowed.map((pattern) => `!${pattern}`)],
              message: `${folder} may not import this; oxlint.config.ts has the table.`,
            },
            ...(packages.length > 0 ? [{ group: packages, message: `${folder} does not talk to this package.` }] : []),
          ],
        },
      ],
    },
  }
}

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true },
  ignorePatterns: ['src/env.d.ts', 'migrations/**', 'dist/**'],
  rules: {
    'eslint/eqeqeq': ['error', 'always', { null: 'ignore' }],
    'eslint/max-lines': ['error', { max: 300 }],
    'eslint/max-lines-per-function': ['error', { max: 50, skipComments: true }],
    'eslint/no-console': 'error',
    'eslint/no-restricted-globals': ['error', { name: 'fetch', message: 'Calls to vendors go through lib/egress.ts.' }],
    'eslint/no-restricted-imports': ['error', { patterns: [PARENTS] }],
    'eslint/no-await-in-loop': 'off',
    'eslint/no-shadow': 'off',
    'eslint/no-underscore-dangle': 'off',
    'eslint/no-empty': 'error',
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'import/no-unassigned-import': 'off',
    'import/no-named-as-default-member': 'off',
    'promise/always-return': 'off',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': ['error', { checkThenables: true }],
    'typescript/no-misused-promises': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    'typescript/no-unsafe-type-assertion': 'error',
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false }],
    // The named import of zod triples it in the bundle.
    'unicorn/import-style': ['error', { extendDefaultStyles: false, styles: { zod: { namespace: true } } }],
    // Spreads group the arguments of a command or the parts of a statement by line.
    'unicorn/no-useless-spread': 'off',
    'unicorn/consistent-function-scoping': 'off',
    // Copies keep what they copy unchanged; and Hono's handlers may be async.
    'oxc/no-map-spread': 'off',
    'oxc/no-async-endpoint-handlers': 'off',
  },
  overrides: [
    ...Object.entries(MAY_IMPORT).map(([folder, allowed]) => folderRule(folder, allowed)),
    // The type of fetch is named where it is handed on; calls stay with the composition root.
    { files: ['src/context.ts', 'src/lib/fetch.ts'], rules: { 'eslint/no-restricted-globals': 'off' } },
    { files: ['src/lib/log.ts'], rules: { 'eslint/no-console': 'off' } },
    {
      files: [
        'src/index.ts',
        'bench/bare-worker.ts',
        'bench/bare-hook-worker.ts',
        'bench/csv-worker.ts',
        '*.config.ts',
        'test/setup/closing-line.ts',
        'test/setup/global.ts',
      ],
      rules: { 'import/no-default-export': 'off' },
    },
    {
      files: ['dev/**', 'bench/**', 'test/**'],
      rules: { 'eslint/no-console': 'off', 'eslint/no-restricted-globals': 'off' },
    },
    // A fake vendor is one closure over its books.
    { files: ['dev/sandbox/**'], rules: { 'eslint/max-lines-per-function': 'off' } },
    {
      files: ['test/**'],
      rules: {
        'eslint/max-lines-per-function': 'off',
        // Tests look into the API's answers, which are what they assert.
        ...Object.fromEntries(
          ['argument', 'assignment', 'call', 'member-access', 'return', 'type-assertion'].map(
            (kind) => [`typescript/no-unsafe-${kind}`, 'off'] as const,
          ),
        ),
      },
    },
  ],
})
