import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { inBusinessZone } from '#businesses/period.ts'
import { matches } from '#db/filter.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { listOfIntegration } from '#db/list.ts'
import { type BusinessScope, isVisibleBusiness, type TenantScope } from '#db/tenant.ts'
import { CONDITIONS, TransactionFilter } from '#transactions/filter.ts'
import { presentTransaction, Transaction, type TransactionRow } from '#transactions/schema.ts'

export const ListTransactions = Paging.extend(TransactionFilter.shape)
export type ListTransactions = z.infer<typeof ListTransactions>

const FROM = { table: 'crm_transactions', alias: 't', columns: sql`t.*` } as const
const newest = keyset({ occurred_at: [sql`t.occurred_at`, 'timestamptz'], id: [sql`t.id`, 'uuid'] })

/** Newest `occurredAt` first. Null: no such integration. Throws Problem `invalid_request` for a foreign cursor. */
export async function listTransactions(
  context: Context,
  asked: TenantScope & ListTransactions,
): Promise<Page<Transaction> | null> {
  const { isAfter, order, limit, toPage } = newest(asked)
  const request = await inBusinessZone(context, asked)
  if (!request) return null
  const where = sql`${matches(request, CONDITIONS)} and ${isAfter}`
  const rows = await listOfIntegration<TransactionRow>(context.db, request, { ...FROM, where, order, limit })
  if (!rows) return null
  const { items, nextCursor } = toPage(rows)
  return { items: items.map(presentTransaction), nextCursor }
}

/**
 * The same of a business: of its integration, and of deleted ones whose sales are kept. Null: no such business for this
 * tenant.
 */
export async function listBusinessTransactions(
  context: Context,
  asked: BusinessScope & ListTransactions,
): Promise<Page<Transaction> | null> {
  const { isAfter, order, limit, toPage } = newest(asked)
  const request = await inBusinessZone(context, asked)
  if (!request) return null
  const { rows } = await context.db.execute<TransactionRow>(sql`
    select t.* from businesses b left join lateral (
      select t.* from (
        select id from crm_integrations where business_id = b.id
        union all select integration_id from kept_integrations where business_id = b.id
      ) i cross join lateral (
        select * from crm_transactions t where t.integration_id = i.id and ${matches(request, CONDITIONS)} and ${isAfter}
        order by ${order} limit ${limit}::int
      ) t order by ${order} limit ${limit}::int
    ) t on true
    where ${isVisibleBusiness(asked)} order by ${order}`)
  if (rows.length === 0) return null
  const { items, nextCursor } = toPage(rows.filter(({ id }) => id !== null))
  return { items: items.map(presentTransaction), nextCursor }
}

export const ListChanges = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).meta({ description: '`nextAfter` of the last answer; 0 at first.' }),
  limit: Paging.shape.limit,
})
export type ListChanges = z.infer<typeof ListChanges>

export const Changes = z
  .strictObject({
    items: z.array(Transaction).meta({ description: 'In rising order of `changeSeq`, each in its latest state.' }),
    nextAfter: z.int().nonnegative().meta({ description: '`after` of the next request.' }),
  })
  .meta({ id: 'Changes', description: 'Keep `nextAfter` and send it as `after`: no change is missed.' })
export type Changes = z.infer<typeof Changes>

/**
 * Transactions changed after a number, in the order in which their latest changes were committed. Null: no integration.
 */
export async function listChanges(context: Context, request: TenantScope & ListChanges): Promise<Changes | null> {
  const { after, limit } = request
  const rows = await listOfIntegration<TransactionRow>(context.db, request, {
    ...{ table: 'transaction_feed', alias: 'f', columns: sql`t.*` },
    // One by one: a join could read the whole table.
    join: sql`left join lateral (select * from crm_transactions t where t.id = f.transaction_id offset 0) t on true`,
    ...{ where: sql`f.change_seq > ${after}::bigint`, order: sql`f.change_seq`, limit },
  })
  if (!rows) return null
  const items = rows.map(presentTransaction)
  return { items, nextAfter: items.at(-1)?.changeSeq ?? after }
}
