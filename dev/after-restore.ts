// After a restore to an earlier time: DATABASE_URL=… npm run after-restore, on the direct host, with the owner's role.
// Readers of the change feed have read numbers that the restored database does not know. So every number rises by a
// billion, those of stored sales too: whatever a reader has read, all sales come again, each in its present state.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { openDatabase, runScript } from './script.ts'

/** More changes than any integration has between two times that a database can be restored to. */
export const JUMP = 1_000_000_000

const RETRY_MS = 1000
const TRIES_MAX = 60

interface Restored {
  readonly integrations: number
  readonly sales: number
}

/**
 * Each integration in a transaction of its own, so the service may be running: what it writes before its turn comes
 * again as well. Safe to call again: the sales then come once more.
 */
export async function afterRestore(databaseUrl: string): Promise<Restored> {
  const client = await openDatabase(databaseUrl)
  try {
    const { rows } = await client.query<{ id: string }>(
      'select id from crm_integrations union select integration_id from kept_integrations',
    )
    let sales = 0
    for (const { id } of rows) sales += await raise(client, id)
    return { integrations: rows.length, sales }
  } finally {
    await client.end()
  }
}

async function raise(client: pg.Client, id: string): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query('begin')
      const sales = await raiseOne(client, id)
      await client.query('commit')
      return sales
    } catch (error) {
      await client.query('rollback')
      if (attempt === TRIES_MAX || !isPassing(error)) throw error
      await sleep(RETRY_MS)
    }
  }
}

/** A deadlock or a lock that was not to be had: the engine is at work on the same integration. */
function isPassing(error: unknown): boolean {
  return error instanceof pg.DatabaseError && ['40P01', '55P03', '40001'].includes(error.code ?? '')
}

async function raiseOne(client: pg.Client, id: string): Promise<number> {
  // What a worker from before the restore still holds is void as well, by the lease's number.
  for (const [table, key] of [
    ['crm_integrations', 'id'],
    ['kept_integrations', 'integration_id'],
  ] as const) {
    await client.query(
      `update ${table} set change_seq = change_seq + $2, page_seq = page_seq + $2, lease_epoch = lease_epoch + $2
        where ${key} = $1`,
      [id, JUMP],
    )
  }
  await client.query('update crm_transactions set change_seq = change_seq + $2 where integration_id = $1', [id, JUMP])
  // An undo goes through the feed by its numbers.
  await client.query(
    `update sync_runs set cursor = cursor || jsonb_build_object('after', (cursor ->> 'after')::bigint + $2::bigint,
        'upTo', (cursor ->> 'upTo')::bigint + $2::bigint)
      where integration_id = $1 and task = 'undo' and cursor is not null and status in ('queued','running','waiting')`,
    [id, JUMP],
  )
  // Inserted and not updated: what tells of changes listens to that.
  const { rowCount } = await client.query(
    `with former as (delete from transaction_feed where integration_id = $1 returning change_seq, transaction_id)
      insert into transaction_feed (integration_id, change_seq, transaction_id)
      select $1::uuid, change_seq + $2::bigint, transaction_id from former`,
    [id, JUMP],
  )
  return rowCount ?? 0
}

if (import.meta.main) {
  const url = process.env['DATABASE_URL']
  if (!url) {
    console.error('DATABASE_URL: expected the direct connection string of the restored database')
    process.exit(1)
  }
  await runScript(async () => {
    const { integrations, sales } = await afterRestore(url)
    console.log(`Change numbers of ${integrations} integrations are raised; ${sales} sales come again in their feeds.`)
  })
}
