import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const NODE_TESTS = [
  'test/clients/**/*.test.ts',
  'test/corpora/**/*.test.ts',
  'test/dev/**/*.test.ts',
  'test/e2e/**/*.test.ts',
  'test/lint/**/*.test.ts',
]
const TEST_SECRET = 'a secret that only the tests know, long enough'
const TEST_KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`

// wrangler asks the environment for what `[secrets] required` names; the values come from the bindings below.
process.env['DATABASE_URL'] ??= 'postgresql://set:by@tests/bindings'
process.env['ENCRYPTION_KEYS'] ??= TEST_KEYS

/** The pool asks for its options when a worker starts: of the two that run at a time each gets a database of its own. */
let started = 0

export default defineConfig({
  test: {
    globalSetup: ['./test/setup/global.ts'],
    reporters: ['default', './test/setup/closing-line.ts'],
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        plugins: [
          cloudflareTest(({ inject }) => {
            const [first, second] = inject('databases')
            const { url, endpoint } = started % 2 === 0 ? first : second
            started += 1
            return {
              wrangler: { configPath: './wrangler.toml' },
              miniflare: {
                bindings: {
                  ENVIRONMENT: 'test',
                  DATABASE_URL: url,
                  NEON_FETCH_ENDPOINT: endpoint,
                  ENCRYPTION_KEYS: TEST_KEYS,
                  AUTH_JWT_SECRET: TEST_SECRET,
                  EGRESS_ALLOW_ORIGINS: 'http://127.0.0.1:9',
                },
              },
            }
          }),
        ],
        test: {
          name: 'workerd',
          include: ['test/**/*.test.ts'],
          exclude: NODE_TESTS,
          isolate: false,
          maxWorkers: 2,
        },
      },
      { extends: true, test: { name: 'node', include: NODE_TESTS, maxWorkers: 1 } },
    ],
  },
})
