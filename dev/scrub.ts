// Makes a copy of a database harmless, so that another deployment may use it: no credential, no address and no person
// is left, no sync is on, and the copy belongs to the deployment with its own id.
// DATABASE_URL=…owner, direct host… DEPLOYMENT_ID=staging npm run staging:scrub -- --copy-of production
import { parseArgs } from 'node:util'
import pg from 'pg'
import { openDatabase, runScript, ScriptError } from './script.ts'
import { PLAN, type Plan } from './scrub-plan.ts'
import { WORKER_ROLE } from './worker-role.ts'

interface Scrub {
  /** As the role that owns the tables. */
  readonly databaseUrl: string
  /** The deployment that the copy is of. */
  readonly copyOf: string
  /** The deployment that the copy is for. */
  readonly deploymentId: string
  readonly plan?: Plan
}

/** Nothing was changed. */
export class ScrubError extends ScriptError {
  override readonly name = 'ScrubError'
}

/**
 * Throws ScrubError when it is not the copy that it should be, or has a column that the plan does not know. What broke
 * off is done by calling again.
 */
export async function scrub({ databaseUrl, copyOf, deploymentId, plan = PLAN }: Scrub): Promise<void> {
  const client = await openDatabase(databaseUrl)
  try {
    if (!(await isScrubbed(client, { copyOf, deploymentId }))) await wipe(client, deploymentId, plan)
    // Until then what rows were before is still in the files.
    for (const table of namesOf(plan, false)) await client.query(`vacuum full ${pg.escapeIdentifier(table)}`)
  } finally {
    await client.end()
  }
}

/** All or nothing. */
async function wipe(client: pg.Client, deploymentId: string, plan: Plan): Promise<void> {
  await refuseUnknown(client, plan)
  await client.query('begin')
  for (const [table, treatment] of Object.entries(plan)) {
    const changes = treatment === 'empty' ? [] : Object.entries(treatment.set)
    if (changes.length === 0) continue
    const set = changes.map(([column, value]) => `${pg.escapeIdentifier(column)} = ${value}`)
    await client.query(`update ${pg.escapeIdentifier(table)} set ${set.join(', ')}`)
  }
  // Last, since triggers of the tables above may have filled these.
  await client.query(`truncate ${namesOf(plan, true).map(pg.escapeIdentifier).join(', ')}`)
  await client.query('insert into deployment (deployment_id) values ($1)', [deploymentId])
  // The planner's statistics hold samples of what stood in the columns, and an empty table keeps its own.
  await client.query(`select pg_clear_attribute_stats(schemaname::text, tablename::text, attname::text, inherited)
      from pg_stats where schemaname = 'public'`)
  await client.query('commit')
}

function namesOf(plan: Plan, isEmptied: boolean): string[] {
  return Object.keys(plan).filter((table) => (plan[table] === 'empty') === isEmptied)
}

/** Its own id is written with all else. Throws ScrubError when it is no copy of the named deployment. */
async function isScrubbed(
  client: pg.Client,
  { copyOf, deploymentId }: Pick<Scrub, 'copyOf' | 'deploymentId'>,
): Promise<boolean> {
  if (copyOf === deploymentId) throw new ScrubError('The copy needs a DEPLOYMENT_ID of its own.')
  const { rows } = await client.query<{ deployment_id: string }>('select deployment_id from deployment')
  const [stored] = rows
  if (!stored) throw new ScrubError('No deployment has used this database: there is nothing to scrub.')
  if (stored.deployment_id === deploymentId) return true
  if (stored.deployment_id !== copyOf) {
    throw new ScrubError(`This database is of the deployment ${stored.deployment_id}, not of ${copyOf}.`)
  }
  const { rows: connected } = await client.query(
    'select from pg_stat_activity where datname = current_database() and usename = $1',
    [WORKER_ROLE],
  )
  if (connected.length > 0) throw new ScrubError('A Worker is connected to this database. It is no copy, or is in use.')
  return false
}

async function refuseUnknown(client: pg.Client, plan: Plan): Promise<void> {
  const { rows } = await client.query<{ table: string; columns: string[] }>(`
    select c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition group by 1`)
  const stored = new Map(rows.map(({ table, columns }) => [table, columns]))
  const unknown = rows.flatMap(({ table, columns }) => {
    const treatment = plan[table]
    if (treatment === 'empty') return []
    const known = new Set(treatment ? [...Object.keys(treatment.set), ...treatment.keep] : [])
    return columns.filter((column) => !known.has(column)).map((column) => `${table}.${column}`)
  })
  const gone = Object.keys(plan).filter((table) => !stored.has(table))
  if (unknown.length > 0) throw new ScrubError(`dev/scrub-plan.ts says nothing of ${unknown.join(', ')}`)
  if (gone.length > 0) throw new ScrubError(`The database has no ${gone.join(', ')}: run the migrations first.`)
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { 'copy-of': { type: 'string' } } })
  const { DATABASE_URL: databaseUrl, DEPLOYMENT_ID: deploymentId } = process.env
  const copyOf = values['copy-of']
  if (!databaseUrl || !deploymentId || !copyOf) {
    console.error('DATABASE_URL of the copy (owner, direct host), DEPLOYMENT_ID for it, and --copy-of ID are needed.')
    process.exit(1)
  }
  await runScript(async () => {
    await scrub({ databaseUrl, copyOf, deploymentId })
    console.log(`Scrubbed. It now belongs to the deployment ${deploymentId}.`)
  })
}
