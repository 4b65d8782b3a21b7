// The folder rules of oxlint.config.ts, each shown a file that breaks it: a rule that reports nothing proves nothing.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

const ROOT = resolve(import.meta.dirname, '../..')
const IMPORTS = 'eslint(no-restricted-imports)'

const FORBIDDEN: readonly (readonly [file: string, line: string, rule?: string])[] = [
  ['src/lib/a.ts', "export * from '#db/client.ts'"],
  ['src/lib/b.ts', "export * from '#crm/contract.ts'"],
  ['src/lib/c.ts', "export { sql } from 'drizzle-orm'"],
  ['src/crypto/a.ts', "export * from '#db/client.ts'"],
  ['src/crypto/b.ts', "export * from '#context.ts'"],
  ['src/db/a.ts', "export * from '#integrations/rows.ts'"],
  ['src/db/b.ts', "export * from '#crypto/seal.ts'"],
  ['src/crm/yclients/a.ts', "export * from '#db/client.ts'"],
  ['src/crm/yclients/b.ts', "export * from '#context.ts'"],
  ['src/crm/yclients/c.ts', "export * from '#crm/iiko/map.ts'"],
  ['src/crm/yclients/d.ts', "export * from '#crm/registry.ts'"],
  ['src/crm/yclients/e.ts', "export { sql } from 'drizzle-orm'"],
  [
    'src/crm/yclients/f.ts',
    "export const answer = await fetch('https://vendor.example')",
    'eslint(no-restricted-globals)',
  ],
  ['src/integrations/a.ts', "export * from '#api/app.ts'"],
  ['src/integrations/b.ts', "export * from '#crm/yclients/client.ts'"],
  ['src/integrations/c.ts', "export { neon } from '@neondatabase/serverless'"],
  ['src/imports/a.ts', "export * from '#crm/csv/parse.ts'"],
  ['src/imports/b.ts', "export * from '#api/app.ts'"],
  ['src/sync/a.ts', "export * from '#api/app.ts'"],
  ['src/transactions/a.ts', "export * from '#config.ts'"],
  ['src/businesses/a.ts', "export * from '#dev/token.ts'"],
  ['src/api/a.ts', "export { sql } from 'drizzle-orm'"],
  ['src/api/b.ts', "export * from '#db/client.ts'"],
  ['src/api/c.ts', "export * from '#crm/yclients/index.ts'"],
  ['src/api/d.ts', "export * from '#crypto/seal.ts'"],
  ['src/api/e.ts', "export * from '../lib/id.ts'"],
  ['src/api/deep/er/f.ts', "export * from '../../../lib/id.ts'"],
  ['dev/a.ts', "export * from '../src/lib/id.ts'"],
  ['src/lib/d.ts', "import { z } from 'zod'\nexport const schema = z.string()", 'unicorn(import-style)'],
  ['src/lib/e.ts', "console.log('said')", 'eslint(no-console)'],
  ['src/lib/f.ts', 'export default 1', 'import(no-default-export)'],
  ['src/sync/cycle-a.ts', "export * from './cycle-b.ts'", 'import(no-cycle)'],
  ['src/sync/cycle-b.ts', "export * from './cycle-a.ts'", 'import(no-cycle)'],
]

const ALLOWED: readonly (readonly [file: string, line: string])[] = [
  ['src/lib/ok.ts', "export * from '#lib/id.ts'"],
  ['src/crypto/ok.ts', "export * from '#lib/id.ts'"],
  ['src/db/ok.ts', "export { sql } from 'drizzle-orm'"],
  ['src/crm/yclients/ok.ts', "export * from '#crm/contract.ts'"],
  ['src/crm/registry.ts', "export * from '#crm/yclients/index.ts'"],
  ['src/integrations/ok.ts', "export * from '#crypto/seal.ts'"],
  ['src/sync/ok.ts', "export { sql } from 'drizzle-orm'"],
  ['src/api/ok.ts', "export * from '#integrations/get.ts'"],
  ['dev/ok.ts', "export * from '#lib/id.ts'"],
]

const Output = z.object({ diagnostics: z.array(z.object({ filename: z.string(), code: z.string() })) })

let directory: string
let reported: ReadonlyMap<string, readonly string[]>

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'crm-integrations-lint-'))
  cpSync(join(ROOT, 'oxlint.config.ts'), join(directory, 'oxlint.config.ts'))
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  for (const [file, line] of [...FORBIDDEN, ...ALLOWED]) {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), `${line}\n`)
  }
  const oxlint = join(ROOT, 'node_modules/oxlint/bin/oxlint')
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json', 'src', 'dev'], {
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
