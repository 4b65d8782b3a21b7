import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { findForSession } from '#integrations/queries.ts'
import { storeTestResult, tryConnection } from '#integrations/test-connection.ts'
import { enqueueRetests } from '#queue/enqueue.ts'

interface Item {
  readonly retestId: string
  readonly integrationId: string
}

/** Longer than a test takes: a message that comes twice finds it taken. */
const TAKEN_SECONDS = 120
/** A message may come a little early. */
const EARLY_SECONDS = 5
/** A CRM that does not answer is asked again: most outages are shorter than the pauses together. */
const ATTEMPTS_MAX = 3
const PAUSE_MINUTES = 10
/** What is due for so long has lost its message. */
const GRACE_SECONDS = 30
/** Of one tick of the cron, which comes every minute: one a second, as they were ordered. */
const SWEEP_MAX = 60

/**
 * Tests one connection of an order, as `POST …/test` does, and stores what the test shows. Nothing else changes: no
 * sync goes on or off. A CRM that does not answer leaves the integration as it is.
 */
export async function workRetest(context: Context, item: Item): Promise<void> {
  const attempts = await takeItem(context, item)
  if (attempts === null) return
  const row = await findForSession(context.db, item.integrationId, null)
  // Its item goes with it.
  if (!row) return
  const { report, isConclusive } = await tryConnection(context, row, {
    ...({ language: 'en', requestUrl: null, showsSales: false, isUncounted: true, lane: 'bulk' } as const),
  })
  if (isConclusive) await storeTestResult(context, row, report)
  if (isConclusive) await endItem(context, item, report.ok ? 'ok' : 'failed')
  else if (attempts >= ATTEMPTS_MAX) await endItem(context, item, 'unanswered')
  else await postponeItem(context, item)
}

/** Which attempt this is. Null: it is tested already, or another worker has it. */
async function takeItem({ db }: Context, { retestId, integrationId }: Item): Promise<number | null> {
  const { rows } = await db.execute<{ attempts: number }>(sql`
    update retest_items set attempts = attempts + 1, due_at = now() + ${TAKEN_SECONDS}::int * interval '1 second'
    where retest_id = ${retestId}::uuid and integration_id = ${integrationId}::uuid and status = 'waiting'
      and due_at <= now() + ${EARLY_SECONDS}::int * interval '1 second'
    returning attempts`)
  return rows[0]?.attempts ?? null
}

async function endItem(
  { db }: Context,
  { retestId, integrationId }: Item,
  status: 'ok' | 'failed' | 'unanswered',
): Promise<void> {
  await db.execute(sql`update retest_items set status = ${status}
    where retest_id = ${retestId}::uuid and integration_id = ${integrationId}::uuid`)
}

async function postponeItem({ db }: Context, { retestId, integrationId }: Item): Promise<void> {
  await db.execute(sql`update retest_items set due_at = now() + ${PAUSE_MINUTES}::int * interval '1 minute'
    where retest_id = ${retestId}::uuid and integration_id = ${integrationId}::uuid`)
}

/** Sends again what is due and was not tested: a message was lost or not sent, or a worker died. */
export async function sweepRetests(context: Context): Promise<number> {
  const { rows } = await context.db.execute<{ retest_id: string; integration_id: string }>(sql`
    select retest_id, integration_id from retest_items
    where status = 'waiting' and due_at < now() - ${GRACE_SECONDS}::int * interval '1 second'
    order by due_at limit ${SWEEP_MAX}::int`)
  const spread = rows.map((row, wait) => ({ ...row, wait }))
  for (const [retestId, items] of Map.groupBy(spread, (row) => row.retest_id)) {
    await enqueueRetests(context, retestId, items)
  }
  return rows.length
}
