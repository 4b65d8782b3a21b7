// The folder rules of oxlint.config.ts, each shown a file that breaks it: a rule that reports nothing proves nothing.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

const ROOT = resolve(import.meta.dirname, '../..')
const IMPORTS = 'eslint(no-restricted-imports)'

const FETCH = 'eslint(no-restricted-globals)'
const CYCLE = 'import(no-cycle)'

/** Each folder, with a file of a row above it and, where there is one, of its own row. */
const UPWARD: readonly (readonly [folder: string, ...imports: readonly string[]])[] = [
  ['jobs', '#api/app.ts'],
  ['webhooks', '#api/route.ts', '#jobs/cron.ts', '#oauth/start-consent.ts', '#imports/upload.ts'],
  ['oauth', '#jobs/consume.ts', '#webhooks/inbox.ts'],
  ['imports', '#api/app.ts', '#oauth/start-consent.ts'],
  ['integrations', '#webhooks/inbox.ts', '#sync/take-run.ts'],
  ['sync', '#jobs/clean-up.ts', '#integrations/queries.ts'],
  ['connections', '#integrations/queries.ts', '#sync/run-slice.ts'],
  ['quarantine', '#connections/session.ts', '#transactions/list.ts'],
  ['transactions', '#sync/write-page.ts', '#integrations/queries.ts', '#health/alarms.ts'],
  ['health', '#connections/session.ts', '#quarantine/list.ts'],
  ['runs', '#sync/end-slice.ts', '#transactions/list.ts'],
  ['businesses', '#runs/states.ts', '#queue/enqueue.ts', '#dev/token.ts'],
  ['queue', '#runs/states.ts', '#businesses/put-business.ts'],
  ['crm', '#config.ts', '#context.ts', '#db/client.ts', '#queue/enqueue.ts'],
  ['crm/yclients', '#crm/iiko/map.ts', '#crm/registry.ts', '#db/client.ts', '#context.ts'],
  ['db', '#context.ts', '#crm/contract.ts', '#integrations/queries.ts'],
  ['lib', '#crypto/seal.ts', '#crm/contract.ts', '#db/client.ts'],
  ['crypto', '#lib/id.ts', '#db/client.ts', '#context.ts'],
  ['integrations', '#crm/yclients/client.ts'],
  ['imports', '#crm/csv/parse.ts'],
  ['api', '#db/client.ts', '#crypto/seal.ts', '#connections/session.ts', '#queue/enqueue.ts', '#crm/yclients/index.ts'],
]

/** Files that stand alone in the order. */
const ALONE: readonly (readonly [file: string, imported: string])[] = [
  ['src/context.ts', '#queue/enqueue.ts'],
  ['src/config.ts', '#context.ts'],
  ['src/crm/registry.ts', '#db/client.ts'],
  ['sandbox/a.ts', '#crm/yclients/map.ts'],
  ['sandbox/b.ts', '#dev/token.ts'],
]

const FORBIDDEN: readonly (readonly [file: string, line: string, rule?: string])[] = [
  ...UPWARD.flatMap(([folder, ...imports], row) =>
    imports.map((name, index) => [`src/${folder}/up-${row}-${index}.ts`, `export * from '${name}'`] as const),
  ),
  ...ALONE.map(([file, name]) => [file, `export * from '${name}'`] as const),
  ['src/lib/c.ts', "export { sql } from 'drizzle-orm'"],
  ['src/crypto/c.ts', "export { sql } from 'drizzle-orm'"],
  ['src/api/a.ts', "export { sql } from 'drizzle-orm'"],
  ['src/crm/yclients/e.ts', "export { sql } from 'drizzle-orm'"],
  ['src/integrations/c.ts', "export { neon } from '@neondatabase/serverless'"],
  ['src/transactions/c.ts', "export { drizzle } from 'drizzle-orm/neon-http'"],
  ['src/crm/yclients/f.ts', "export const answer = await fetch('https://vendor.example')", FETCH],
  ['src/api/e.ts', "export * from '../lib/id.ts'"],
  ['src/api/deep/er/f.ts', "export * from '../../../lib/id.ts'"],
  ['dev/a.ts', "export * from '../src/lib/id.ts'"],
  ['src/lib/d.ts', "import { z } from 'zod'\nexport const schema = z.string()", 'unicorn(import-style)'],
  ['src/lib/e.ts', "console.log('said')", 'eslint(no-console)'],
  ['src/lib/f.ts', 'export default 1', 'import(no-default-export)'],
  ['src/sync/cycle-a.ts', "export * from './cycle-b.ts'", CYCLE],
  ['src/sync/cycle-b.ts', "export * from './cycle-a.ts'", CYCLE],
]

const ALLOWED: readonly (readonly [file: string, line: string])[] = [
  ['src/crypto/ok.ts', "export * from '#crypto/seal.ts'"],
  ['src/db/ok.ts', "export { sql } from 'drizzle-orm'\nexport * from '#lib/id.ts'"],
  ['src/db/client.ts', "export { drizzle } from 'drizzle-orm/neon-http'"],
  ['src/crm/yclients/ok.ts', "export * from '#crm/contract.ts'"],
  ['src/crm/index.ts', "export * from '#crm/registry.ts'"],
  ['src/runs/ok.ts', "export { sql } from 'drizzle-orm'\nexport * from '#queue/enqueue.ts'"],
  ['src/connections/ok.ts', "export * from '#crypto/seal.ts'\nexport * from '#transactions/list.ts'"],
  ['src/integrations/ok.ts', "export * from '#connections/session.ts'"],
  ['src/webhooks/ok.ts', "export * from '#sync/take-run.ts'"],
  ['src/jobs/ok.ts', "export * from '#webhooks/inbox.ts'"],
  ['src/api/ok.ts', "export * from '#integrations/get.ts'\nexport * from '#db/errors.ts'"],
  ['src/index.ts', "export * from '#api/app.ts'"],
  ['sandbox/ok.ts', "export * from '#lib/id.ts'"],
  ['dev/ok.ts', "export * from '#lib/id.ts'"],
]

const Output = z.object({ diagnostics: z.array(z.object({ filename: z.string(), code: z.string() })) })

let directory: string
let reported: ReadonlyMap<string, readonly string[]>

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'crm-integrations-lint-'))
  cpSync(join(ROOT, 'oxlint.config.ts'), join(directory, 'oxlint.config.ts'))
  mkdirSync(join(directory, 'src/lib'), { recursive: true })
  cpSync(join(ROOT, 'src/lib/crm-types.ts'), join(directory, 'src/lib/crm-types.ts'))
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  for (const [file, line] of [...FORBIDDEN, ...ALLOWED]) {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), `${line}\n`)
  }
  const oxlint = join(ROOT, 'node_modules/oxlint/bin/oxlint')
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json', 'src', 'dev', 'sandbox'], {
    cwd: directory,
    encoding: 'utf8',
  })
  const { diagnostics } = Output.parse(JSON.parse(stdout))
  const byFile = Map.groupBy(diagnostics, ({ filename }) => filename)
  reported = new Map([...byFile].map(([file, found]) => [file, found.map(({ code }) => code)]))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

it.each(FORBIDDEN.map(([file, line, rule = IMPORTS]) => ({ file, line, rule })))(
  '$file may not say: $line',
  ({ file, rule }) => {
    expect(reported.get(file)).toContain(rule)
  },
)

it.each(ALLOWED)('%s may say: %s', (file) => {
  expect(reported.get(file) ?? []).toEqual([])
})
