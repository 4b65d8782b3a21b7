// npm run prove against a running environment, as an operator runs it.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import pg from 'pg'
import { expect } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

interface Demo {
  readonly url: string
  readonly databaseUrl: string
  readonly demo: { readonly token: string; readonly integrationId: string } | null
}

interface Proved {
  readonly code: number | string | null | undefined
  readonly stdout: string
  readonly stderr: string
}

async function run(args: readonly string[], variables: Readonly<Record<string, string>>): Promise<Proved> {
  const env = { ...process.env, ...variables }
  return new Promise((settle) => {
    execFile('npm', ['run', '--silent', 'prove', '--', ...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
      settle({ code: error ? error.code : 0, stdout, stderr }),
    )
  })
}

/** All days are equal; then a sale is changed behind the service's back, and found, named and explained. */
export async function proveDemo({ url, databaseUrl, demo }: Demo, directory: string): Promise<void> {
  const { token = '', integrationId = '' } = demo ?? {}
  const equal = await run(['--days', '4'], { DEV_DIR: directory })
  expect(equal, equal.stderr).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/equal\n\nAll \d+ are equal\.\n$/),
  })
  const database = new pg.Client(databaseUrl)
  await database.connect()
  const { rows } = await database.query<{ external_id: string }>(
    `update crm_transactions set amount_minor = amount_minor + 100 where id = (
       select id from crm_transactions where integration_id = $1 and status = 'paid' and external_id like 'record:%'
         -- Older than what every sync reads again.
         and occurred_at between now() - interval '70 hours' and now() - interval '30 hours' limit 1) returning external_id`,
    [integrationId],
  )
  await database.end()
  const named = ['--url', url, '--integration', integrationId, '--days', '4', '--language', 'ru', '--explain', '1']
  const different = await run(named, { PROVE_TOKEN: token })
  expect(different, different.stderr).toMatchObject({ code: 1 })
  expect(different.stdout).toMatch(/РАСХОДИТСЯ/)
  expect(different.stdout).toContain(`${rows[0]?.external_id}  расходится (amountMinor)\n  Сейчас в CRM: `)
  const last = await run([...named.slice(0, 8), '--last'], { PROVE_TOKEN: token })
  expect(last, last.stderr).toMatchObject({ code: 1, stdout: expect.stringContaining('Расходятся: 1 из') })
  const refused = await run(named, { PROVE_TOKEN: `${token}x` })
  expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/\(unauthenticated, /) })
}
