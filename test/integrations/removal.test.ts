// Large removals: out of reach at once, gone in batches.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { continueRemovals, REMOVED_MAX } from '#integrations/remove-rows.ts'
import { runSlice } from '#sync/run-slice.ts'
import { claimInbox, settleInbox } from '#webhooks/inbox.ts'
import { requestRescan } from '#webhooks/rescan.ts'
import { paidVisit, post, visitEvent } from '#test/hooks.ts'
import { createWriter, query, take } from '#test/pages.ts'
import { createSalonTenant, type Salon, sync } from '#test/tenants.ts'

const TABLES = ['sync_runs', 'webhook_deliveries', 'crm_transactions', 'transaction_feed', 'transaction_changes']

async function rowsOf(salon: Salon): Promise<number> {
  const counts = TABLES.map(
    (table) => sql`(select count(*) from ${sql.identifier(table)} where integration_id = ${salon.integrationId}::uuid)`,
  )
  const [row] = await query(salon, sql`select (${sql.join(counts, sql` + `)})::int as n`)
  return Number(row?.['n'])
}

/** Before what other tests have deleted. */
async function due(salon: Salon, since: 'removed_at' | 'emptied_at') {
  const column = sql.identifier(since)
  await query(
    salon,
    sql`update removals set ${column} = '-infinity' where integration_id = ${salon.integrationId}::uuid`,
  )
}

async function fill(salon: Salon, sales: number) {
  await query(
    salon,
    sql`insert into crm_transactions (business_id, integration_id, external_id, kind, status, amount_minor, currency,
      occurred_at, items, change_seq, seen_seq, settings_epoch)
    select ${salon.businessId}::uuid, ${salon.integrationId}::uuid, 'x' || n, 'sale', 'paid', 1, 'RUB', now(), '[]', n, n, 1
    from generate_series(1, ${sales}::int) n`,
  )
}

it('answers at once, and what one batch does not take the cron does', async () => {
  const salon = await createSalonTenant()
  await sync(salon)
  await fill(salon, REMOVED_MAX + 2000)
  expect((await salon.call('DELETE', salon.path)).status).toBe(204)
  expect(await rowsOf(salon)).toBeGreaterThan(1500)
  for (const path of ['', '/transactions', '/runs', '/transactions/export', '/changes']) {
    expect((await salon.call('GET', `${salon.path}${path}`)).status).toBe(404)
  }
  await due(salon, 'removed_at')
  await continueRemovals(salon.context)
  expect(await rowsOf(salon)).toBe(0)
})

it('looks once more, an hour later, for what was written at that moment', async () => {
  const salon = await createSalonTenant()
  await salon.call('DELETE', salon.path)
  await fill(salon, 1)
  await continueRemovals(salon.context)
  expect(await rowsOf(salon)).toBe(1)
  await due(salon, 'emptied_at')
  await continueRemovals(salon.context)
  expect(await rowsOf(salon)).toBe(0)
  const of = sql`where integration_id = ${salon.integrationId}::uuid`
  expect(await query(salon, sql`select from removals ${of}`)).toEqual([])
})

it('removes no row of an integration that is there', async () => {
  const { salon } = await createWriter()
  await query(salon, sql`select remove_rows(${salon.integrationId}::uuid, 100)`)
  expect(await rowsOf(salon)).toBe(1)
})

it('lets no run go on', async () => {
  const salon = await createSalonTenant()
  const run = await take(salon)
  await salon.call('DELETE', salon.path)
  await runSlice(salon.context, run.id)
  await salon.context.drain()
  expect(await rowsOf(salon)).toBe(0)
})

it('leaves nothing for the inbox and the rescans of hooks of an integration that is deleted meanwhile', async () => {
  const salon = await createSalonTenant()
  await post(salon, visitEvent(paidVisit(salon)))
  await query(
    salon,
    sql`update webhook_deliveries set due_at = now() where integration_id = ${salon.integrationId}::uuid`,
  )
  const claim = await claimInbox(salon.context, salon.integrationId)
  if (!claim) throw new Error('nothing was claimed')
  // A deletion that is not through yet.
  const deleting = salon.context.db.batch([
    salon.context.db.execute(sql`delete from crm_integrations where id = ${salon.integrationId}::uuid`),
    salon.context.db.execute(sql`select pg_sleep(0.6)`),
  ])
  await new Promise((settle) => setTimeout(settle, 200))
  const left = [{ externalId: 'record:1' }]
  await Promise.all([
    requestRescan(salon.context, salon.integrationId, { rescans: claim.deliveries, isFlood: false }),
    settleInbox(salon.context, claim, { settlements: new Map(), pauseSeconds: 0, left, reads: 0 }),
    deleting,
  ])
  const of = sql`integration_id = ${salon.integrationId}::uuid`
  expect(await query(salon, sql`select from sync_runs where ${of}`)).toEqual([])
  expect(await query(salon, sql`select from webhook_deliveries where kind = 'recheck' and ${of}`)).toEqual([])
})
