// What an operator reads when a script cannot reach its database.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const SCRIPTS = [['migrate.ts'], ['deploy.ts'], ['after-restore.ts'], ['scrub.ts', '--copy-of', 'production']]

async function run([script = '', ...args]: readonly string[], databaseUrl: string) {
  const env = { ...process.env, DATABASE_URL: databaseUrl, DEPLOYMENT_ID: 'staging' }
  return new Promise<{ code: unknown; stderr: string }>((resolve) => {
    const words = ['--js-base-64', join(ROOT, 'dev', script), ...args]
    execFile(process.execPath, words, { env, cwd: ROOT }, (error, _stdout, stderr) =>
      resolve({ code: error?.code, stderr: stderr.replaceAll(/^.*(?:ExperimentalWarning|trace-warnings).*\n/gm, '') }),
    )
  })
}

it('every script says in a sentence that the database does not answer, without its password, and ends with 1', async () => {
  const results = await Promise.all(
    SCRIPTS.map(async (words) => run(words, 'postgresql://owner:s3cret@127.0.0.1:1/crm')),
  )
  const sentence = 'The database of DATABASE_URL cannot be used: ECONNREFUSED\n'
  expect(results).toEqual(SCRIPTS.map(() => ({ code: 1, stderr: sentence })))
})
