// Businesses may one day live in several databases, each business whole in one of them. So no statement of the product
// may need rows of more than one business: a statement that names a table with rows of businesses names whose by a key
// among its parameters. A run of the tests fails with each statement that it made the Worker send and that does not.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

const TABLES =
  /\b(?:from|join|into|update|using)\s+"?(?:businesses|crm_\w+|kept_integrations|sync_runs|transaction_\w+|quarantined_records|rejected_rows|webhook_\w+|issues|oauth_\w+|marketplace_\w+|connect_sessions|open_uploads|file_notes|unpaid_observations|import_formats)\b/i
/** `id = $1`, `business_id in ($1`, `$1::uuid`, rows with their ids from JSON. */
const KEY = /\b\w*(?:id|hash)"?\s*(?:=|in)\s*(?:any\s*)?\(?\s*\$\d|\$\d+::uuid|recordset\(\s*\$\d/i

/** What is for all businesses of a database. With several databases it is done in each. */
const FOR_ALL: readonly (readonly [statement: RegExp, why: string])[] = [
  [/^call (?:claim_due|sweep_runs|overdue_inboxes|due_endpoints)\(/, 'the cron claims and sweeps'],
  [/next_sync_at <= now\(\)|r\.enqueued_at < now\(\)|^with recursive inbox as/, 'the cron claims and sweeps'],
  [/where ctid = any \(array\(|\.ctid = o\.ctid/, 'the nightly clean-up deletes what is old'],
  [/^call (?:make|drop)_(?:change|audit)_months\(/, 'months of the history and the audit are made and dropped'],
  [
    / as sealed from |get_byte\(v, 1\)|\bstate_hash = decode\(/,
    'what an old key has sealed is sealed anew, and counted',
  ],
  [/"oauth_grants"\."refreshed_at" </, 'at night grants that nobody uses are refreshed'],
  [/"?brand"? = \$\d/, 'a branch is found by its number, and at night all of a marketplace are compared'],
  [/where next_step_at <= now\(\)/, 'the cron goes on with the installs that are due'],
  [/code = 'installs_missing'/, 'it concerns a whole marketplace'],
  [/from "marketplace_installs" where \(true/, 'what an administrator sees of all'],
  [/^(?:explain )?select "created_at", "id" from "crm_integrations" where/, 'what an administrator sees of all'],
  [/"webhook_registration" = \$\d/, 'at night registrations of webhooks are looked at'],
  [/crm_type = \$\d/, 'the trouble of a CRM is told from its refusals of many businesses'],
  [
    /from webhook_deliveries where status = 'new' limit|^with active as|tablesample system/,
    'what an administrator sees of all',
  ],
  [/^select s\.\*, i\.crm_type from issues s left join/, 'what an administrator sees of all'],
  [/retest_items/, 'an administrator has connections of many businesses tested'],
  [/insert into webhook_refusals/, 'refused webhooks are counted by CRM'],
  [/^insert into "\w+" \([^()]+\) values \((?:[^()]|\(\))+\)/, 'one row is of one business'],
  [
    /'(?:Many|Wave|vendor_trouble)'|refused_at = null|^update issues set since|^select stopped_by, count|generate_series|gen_random_uuid\(\)|where false$/,
    'tests that need many businesses at once',
  ],
]

/** Procedures with a uuid or the hash of an address among their parameters. */
function keyedProcedures(): ReadonlySet<string> {
  const migrations = join(import.meta.dirname, '../../migrations')
  const texts = globSync('*.sql', { cwd: migrations }).map((file) => readFileSync(join(migrations, file), 'utf8'))
  const declared = texts.flatMap((text) => [
    ...text.matchAll(/CREATE (?:OR REPLACE )?PROCEDURE "(\w+)"\s*\(([^]*?)\) LANGUAGE/g),
  ])
  return new Set(
    declared.flatMap(([, name, parameters = '']) => (/ uuid\b|_hash" bytea/.test(parameters) ? [name ?? ''] : [])),
  )
}

export function createBusinessCheck() {
  const keyed = keyedProcedures()
  const spanning = new Set<string>()
  const isOfOne = (text: string) => {
    const called = /^call (\w+)\(/.exec(text)?.[1]
    if (called !== undefined) return keyed.has(called)
    return !TABLES.test(text) || KEY.test(text)
  }
  return {
    /** Takes the body of a request to Neon. */
    note: (body: string): void => {
      for (const text of statementsIn(body)) {
        if (!isOfOne(text) && !FOR_ALL.some(([statement]) => statement.test(text))) spanning.add(text)
      }
    },
    /** Throws when a statement was for more than one business. */
    finish: (): void => {
      if (spanning.size === 0) return
      throw new Error(
        `Statements for more than one business, see test/setup/one-business.ts:\n${[...spanning].join('\n')}`,
      )
    },
  }
}

const Query = z.object({ query: z.string() })
const Body = z.union([z.object({ queries: z.array(Query) }), Query])

function statementsIn(body: string): string[] {
  const parsed = Body.parse(JSON.parse(body))
  return ('queries' in parsed ? parsed.queries : [parsed]).map(({ query }) => query.replaceAll(/\s+/g, ' ').trim())
}
