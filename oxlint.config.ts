// The lint rules. One table decides which folder may import which: a folder may import from the rows below its own,
// never from its own row or from above.
import { defineConfig, type OxlintOverride } from 'oxlint'
import { CRM_TYPES } from './src/lib/crm-types.ts'

/** The order of `src`, from the top. A name with an extension is a file, any other is a folder. */
const ORDER = [
  ['worker.ts'],
  ['api'],
  ['jobs'],
  ['webhooks', 'oauth', 'imports', 'connect-sessions', 'marketplace', 'retests', 'erasure', 'checks', 'explanations'],
  ['integrations', 'sync'],
  ['connections'],
  ['quarantine', 'transactions', 'health', 'events'],
  ['runs'],
  ['businesses', 'queue', 'issues', 'idempotency', 'keys', 'tombstones'],
  ['audit'],
  ['context.ts'],
  ['config.ts'],
  ['config-apps.ts', 'config-marketplaces.ts', 'config-retention.ts'],
  ['crm', 'db'],
  ['lib', 'crypto'],
] as const

const isFile = (name: string): boolean => name.endsWith('.ts')
const alias = (name: string): string => (isFile(name) ? `#${name}` : `#${name}/**`)

/** The folders of connectors: only src/crm/registry.ts and the folder itself may import from one. */
const CONNECTORS = CRM_TYPES.map((type) => `#crm/${type}/**`)
/** Folders that must not use the database. The API calls the folders of the product instead. */
const NO_DATABASE = new Set(['api', 'crm', 'lib', 'crypto'])

const DRIVER = ['@neondatabase/**', 'drizzle-orm/neon-http', 'drizzle-orm/neon-http/**']
const DRIZZLE = ['drizzle-orm', 'drizzle-orm/**', '@neondatabase/**']

const PARENTS = { regex: String.raw`^\.\./`, message: 'Name the folder: #folder/file.ts.' }

function importRule(files: readonly string[], group: readonly string[], packages: readonly string[]): OxlintOverride {
  const patterns = [
    PARENTS,
    { group: [...group], message: 'This may not be imported here: see the order of folders in oxlint.config.ts.' },
    ...(packages.length > 0 ? [{ group: [...packages], message: 'This folder does not talk to this package.' }] : []),
  ]
  return { files: [...files], rules: { 'eslint/no-restricted-imports': ['error', { patterns }] } }
}

/** All of our own files except the named ones. */
const onlyOf = (allowed: readonly string[]): string[] => ['#*', '#*/**', ...allowed.map((pattern) => `!${pattern}`)]

function orderRules(): OxlintOverride[] {
  return ORDER.flatMap((row, index) =>
    row.map((name) => {
      const below = ORDER.slice(index + 1).flat()
      const allowed = [alias(name), ...below.map(alias)]
      const group = [...onlyOf(allowed), ...CONNECTORS, ...(name === 'api' ? API_MAY_NOT : [])]
      return importRule(
        [isFile(name) ? `src/${name}` : `src/${name}/**`],
        group,
        NO_DATABASE.has(name) ? DRIZZLE : DRIVER,
      )
    }),
  )
}

/** The API neither queries the database nor opens secrets. From `db` it imports only how to recognize failures. */
const API_MAY_NOT = ['#db/**', '!#db/errors.ts', '!#db/reachable.ts', '#crypto/**', '#connections/**', '#queue/**']

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true },
  // What is in test/fixtures belongs into a copy of the repository, and is linted and typed there.
  ignorePatterns: [
    'worker-configuration.d.ts',
    'migrations/**',
    '**/dist/**',
    'client/src/schema.ts',
    'test/fixtures/**',
  ],
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
    // A named import of zod takes three times the space in the bundle.
    'unicorn/import-style': ['error', { extendDefaultStyles: false, styles: { zod: { namespace: true } } }],
    // Spreads are used to group the arguments of a command or the parts of a statement by line.
    'unicorn/no-useless-spread': 'off',
    'unicorn/consistent-function-scoping': 'off',
    // A copy in `map` leaves the original unchanged on purpose, and Hono's handlers may be async.
    'oxc/no-map-spread': 'off',
    'oxc/no-async-endpoint-handlers': 'off',
  },
  overrides: [
    ...orderRules(),
    // A connector imports from itself and from what all share. Only the registry imports every connector.
    ...CRM_TYPES.map((type) =>
      importRule(
        [`src/crm/${type}/**`],
        [
          ...onlyOf(['#crm/**', '#lib/**', '#crypto/**']),
          ...CONNECTORS.filter((folder) => folder !== `#crm/${type}/**`),
          '#crm/registry.ts',
        ],
        DRIZZLE,
      ),
    ),
    importRule(['src/crm/registry.ts'], onlyOf(['#crm/**', '#lib/**']), DRIZZLE),
    importRule(['src/db/client.ts'], onlyOf(['#db/**', '#lib/**', '#crypto/**']), []),
    // The sandboxes know only the product's form of a sale.
    importRule(['sandbox/**'], onlyOf(['#sandbox/**', '#lib/**', '#crm/contract.ts']), []),
    // The page talks to the service through the client alone.
    importRule(['web/src/**'], onlyOf(['#web/**', '#client/**', '#lib/**']), []),
    // An example is read without the rest of the repository.
    { files: ['client/examples/**'], rules: { 'eslint/no-restricted-imports': 'off' } },
    // These two pass fetch on. No other file may name it.
    { files: ['src/context.ts', 'src/lib/fetch.ts'], rules: { 'eslint/no-restricted-globals': 'off' } },
    { files: ['src/lib/log.ts'], rules: { 'eslint/no-console': 'off' } },
    {
      files: [
        'src/index.ts',
        'bench/bare-worker.ts',
        'bench/bare-hook-worker.ts',
        'bench/csv-worker.ts',
        'bench/slice-worker.ts',
        'chaos/worker.ts',
        '*.config.ts',
        'test/setup/closing-line.ts',
        'test/setup/global.ts',
      ],
      rules: { 'import/no-default-export': 'off' },
    },
    {
      files: ['bench/**', 'chaos/**', 'dev/**', 'sandbox/**', 'test/**'],
      rules: { 'eslint/no-console': 'off', 'eslint/no-restricted-globals': 'off' },
    },
    // A sandbox is one closure over its ledger.
    { files: ['sandbox/**'], rules: { 'eslint/max-lines-per-function': 'off' } },
    {
      files: ['test/**'],
      rules: {
        'eslint/max-lines-per-function': 'off',
        // Tests read the API's answers untyped, since their form is what they assert.
        ...Object.fromEntries(
          ['argument', 'assignment', 'call', 'member-access', 'return', 'type-assertion'].map(
            (kind) => [`typescript/no-unsafe-${kind}`, 'off'] as const,
          ),
        ),
      },
    },
  ],
})
