import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/setup/longest-first.ts'

const NODE_TESTS = [
  'test/attack/patterns.test.ts',
  'test/clients/**/*.test.ts',
  'test/corpora/**/*.test.ts',
  'test/dev/**/*.test.ts',
  'test/e2e/**/*.test.ts',
  'test/lint/**/*.test.ts',
  'test/setup/**/*.test.ts',
  'test/upgrade/**/*.test.ts',
  'test/web/**/*.test.ts',
]
/** What `npm run test:fast` leaves out: whole environments, attacks, and the long suites of connectors. */
const LONG_TESTS = ['test/{attack,corpora,dev,e2e,upgrade}/**', 'test/crm/*/{*suite,ledger}.test.ts']
const LEFT_OUT = process.env['FAST'] === '1' ? LONG_TESTS : []
const TEST_SECRET = 'a secret that only the tests know, long enough'
const TEST_KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`
const TEST_ADDRESS_KEY = Buffer.alloc(32, 11).toString('base64')

// wrangler requires the names in `[secrets] required`; test/support/env.ts sets the real database of each worker.
process.env['DATABASE_URL'] ??= 'postgresql://set:by@tests/bindings'
process.env['ENCRYPTION_KEYS'] ??= TEST_KEYS
process.env['ADDRESS_KEY'] ??= TEST_ADDRESS_KEY

export default defineConfig({
  test: {
    globalSetup: ['./test/setup/global.ts'],
    reporters: ['default', './test/setup/closing-line.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // How long a test waits for what comes by itself; vitest's own second is too short on a busy machine.
    expect: { poll: { timeout: 30_000 } },
    // For two cores: a worker waits half of its time, and two of them run what starts whole environments.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                ENVIRONMENT: 'test',
                ENCRYPTION_KEYS: TEST_KEYS,
                ADDRESS_KEY: TEST_ADDRESS_KEY,
                AUTH_JWT_SECRET: TEST_SECRET,
                EGRESS_ALLOW_ORIGINS: 'http://127.0.0.1:9',
              },
            },
          }),
        ],
        test: {
          name: 'workerd',
          // For test/attack/fuzz.test.ts.
          env: { FUZZ_RUNS: process.env['FUZZ_RUNS'] ?? '15', FUZZ_SEED: process.env['FUZZ_SEED'] ?? '1' },
          include: ['test/**/*.test.ts'],
          // A fixture's tests run where test/seventh-crm brings them.
          exclude: [...NODE_TESTS, 'test/fixtures/**', 'test/seventh-crm/**', ...LEFT_OUT],
          isolate: false,
        },
      },
      // Node 24 has `Uint8Array.prototype.toHex`, which workerd has, behind this flag.
      { extends: true, test: { name: 'node', include: NODE_TESTS, exclude: LEFT_OUT, execArgv: ['--js-base-64'] } },
    ],
  },
})
