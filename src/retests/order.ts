// Connection tests of many integrations that an administrator orders: one after the other, so that neither a vendor nor
// a business's own server is asked by all at once. An order is rows: messages may be lost, and the cron sends them
// again.
import { sql } from 'drizzle-orm'
import { auditLines, ofBusiness } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { isWanted, type RetestFilter } from '#integrations/list.ts'
import { enqueueRetests } from '#queue/enqueue.ts'
import { presentRetest, type Retest, type RetestRow } from '#retests/schema.ts'

/** At a test a second an order takes a quarter of an hour; whoever has more gives the next one after it. */
const ITEMS_MAX = 1000
const SECONDS_APART = 1
/** Counting stops here: any larger number means the same. */
const COUNT_MAX = 100_000

interface ItemRow extends Record<string, unknown> {
  readonly retest_id: string
  readonly integration_id: string
  readonly wait: number
}

/** Takes the integrations that were not tested for the longest, but none that waits in another order already. */
export async function orderRetest(context: Context, filter: RetestFilter): Promise<Retest> {
  const { id, connectionCheckedAt } = crmIntegrations
  const wanted = sql`select ${id} as id, ${connectionCheckedAt} as checked_at from ${crmIntegrations}
    where ${isWanted(filter)} and not exists (
      select from retest_items w where w.integration_id = ${id} and w.status = 'waiting')`
  const { rows } = await context.db.execute<ItemRow>(sql`
    with taken as materialized (
      select w.id, row_number() over (order by w.checked_at nulls first, w.id) as n from (${wanted}) w
      order by n limit ${ITEMS_MAX}::int
    ), ordered as (
      insert into retests (left_out)
      select (select count(*) from (${wanted} limit ${COUNT_MAX}::int) w) - (select count(*) from taken)
      returning id
    ), items as (
      insert into retest_items (retest_id, integration_id, due_at)
      select o.id, t.id, now() + (t.n - 1) * ${SECONDS_APART}::int * interval '1 second' from ordered o, taken t
      on conflict do nothing
      returning retest_id, integration_id, extract(epoch from due_at - now())::int as wait
    ), audited as (${auditLines(context, { action: 'retest.ordered', changes: Object.keys(filter) }, ofBusiness(null))})
    select o.id as retest_id, i.integration_id, i.wait from ordered o left join items i on i.retest_id = o.id
    order by i.wait`)
  const [first] = rows
  if (!first) throw new Error('an order was expected')
  const items = rows.filter(({ integration_id: integrationId }) => integrationId !== null)
  await enqueueRetests(context, first.retest_id, items)
  const retest = await findRetest(context, first.retest_id)
  if (!retest) throw new Error('the order is gone')
  return retest
}

/** Null: no such order, or it is older than a month. */
export async function findRetest({ db }: Context, retestId: string): Promise<Retest | null> {
  const { rows } = await db.execute<RetestRow>(sql`
    select o.*, i.* from retests o cross join lateral (
      select count(*)::int as total, count(*) filter (where status = 'waiting')::int as waiting,
        count(*) filter (where status = 'ok')::int as ok, count(*) filter (where status = 'failed')::int as failed,
        count(*) filter (where status = 'unanswered')::int as unanswered,
        min(due_at) filter (where status = 'waiting') as next_at, max(due_at) filter (where status = 'waiting') as last_at
      from retest_items where retest_id = o.id) i
    where o.id = ${retestId}::uuid`)
  const [row] = rows
  return row ? presentRetest(row) : null
}
