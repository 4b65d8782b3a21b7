// What stands in one file of src/db, and what it looks like where it was written by hand again.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../../src')

interface Once {
  readonly home: string
  readonly text: RegExp
  readonly byHand: readonly string[]
  /** What looks like it and is something else. */
  readonly other: readonly string[]
}

const ONCE: Readonly<Record<string, Once>> = {
  'the tenancy predicate': {
    home: 'db/tenant.ts',
    text: /tenant\}::uuid|business_?[iI]d\}?\s*=\s*\$\{|eq\([\w.]*businessId, [\w.]*tenant\b/,
    byHand: [
      'where (${tenant}::uuid is null or i.business_id = ${tenant}::uuid)',
      'where i.business_id = ${request.tenant}',
      'sql`${crmIntegrations.businessId} = ${scope.tenant}`',
      'eq(crmIntegrations.businessId, tenant)',
    ],
    other: ['where b.id = i.business_id', 'eq(crmIntegrations.businessId, id)'],
  },
  'paging by keyset': {
    home: 'db/keyset.ts',
    text: /\)\s*<\s*\(\$\{|\blimit \+ 1|> (?:request\.)?limit\b|nextCursor: .*\?/,
    byHand: [
      'sql`and (r.created_at, r.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`',
      'limit ${limit + 1}::int',
      'const hasMore = found.length > request.limit',
      'nextCursor: last ? encode(last) : null',
    ],
    other: ['(ahead.created_at, ahead.id) < (r.created_at, r.id)', 'return { items, nextCursor }'],
  },
  'how columns are declared and read': {
    home: 'db/columns.ts',
    text: /\btimestamp\(|Number\(\w+\.(?:\w+_seq|seq|\w+_epoch|amount_minor)\)|replace\(' ', 'T'\)/,
    byHand: [
      "timestamp('created_at', { withTimezone: true, mode: 'string' })",
      'changeSeq: Number(row.change_seq)',
      "new Date(row.at.replace(' ', 'T'))",
    ],
    other: ["instant('created_at')", 'changeSeq: safeInteger(row.change_seq)'],
  },
}

/** By name, the text of each file where a statement may stand. */
const files = new Map(
  globSync('**/*.ts', { cwd: SRC, exclude: ['crm/**', 'lib/**'] }).map((name) => [
    name,
    readFileSync(join(SRC, name), 'utf8'),
  ]),
)

describe.each(Object.entries(ONCE))('%s', (_, { home, text, byHand, other }) => {
  it('stands in one file', () => {
    expect([...files].filter(([, source]) => text.test(source)).map(([name]) => name)).toEqual([home])
  })

  it.each(byHand)('is known where it is written by hand: %s', (line) => expect(line).toMatch(text))

  it.each(other)('is not taken for: %s', (line) => expect(line).not.toMatch(text))
})
