// Benches and proofs take minutes to hours and are run by hand; in their smallest sizes each still runs to its end.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const TIMEOUT_MS = 300_000

it.concurrent.each([
  ['bench', 'CSV import ÷ page write'],
  ['chaos', 'all that must be 0 is 0'],
])(
  'runs each part of npm run %s',
  async (script, last) => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', script, '--', '--smoke'], { cwd: ROOT })
    expect(stdout).toContain(last)
  },
  TIMEOUT_MS,
)
