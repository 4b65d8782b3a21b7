import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')

it('ends the output with each failed test and the counts', () => {
  const args = [VITEST, 'run', '--config', 'test/fixtures/failing/vitest.config.ts']
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
  expect(stdout.trim().split('\n').slice(-3)).toStrictEqual([
    'failed: broken.test.ts: outside its tests: no such thing',
    'failed: failing.test.ts: does not hold: this is why',
    '1 passed, 2 failed',
  ])
  expect(status).toBe(1)
})
