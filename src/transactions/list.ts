import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { cursorProblem, decodeCursor, encodeCursor } from '#lib/page-cursor.ts'
import { presentTransaction, type Transaction, type TransactionRow } from '#transactions/schema.ts'

const TransactionCursor = z.tuple([z.string(), z.guid()])

export interface TransactionFilter {
  readonly integrationId: string
  readonly tenant: string | null
  /** By `occurredAt`: `from` inclusive, `to` exclusive. RFC 3339. */
  readonly from: string | null
  readonly to: string | null
  readonly status: Transaction['status'] | null
  readonly kind: Transaction['kind'] | null
  /** E.164 */
  readonly customerPhone: string | null
  readonly externalId: string | null
  readonly limit: number
  readonly cursor: string | null
}

interface TransactionPage {
  readonly items: readonly Transaction[]
  readonly nextCursor: string | null
}

/** Newest `occurredAt` first, by keyset: the last page costs what the first does. Null: no such integration. */
export async function listTransactions(context: Context, filter: TransactionFilter): Promise<TransactionPage | null> {
  const after = filter.cursor === null ? null : decodeCursor(filter.cursor, TransactionCursor)
  if (filter.cursor !== null && after === null) throw cursorProblem()
  const conditions: SQL[] = [
    ...(filter.from === null ? [] : [sql`t.occurred_at >= ${filter.from}::timestamptz`]),
    ...(filter.to === null ? [] : [sql`t.occurred_at < ${filter.to}::timestamptz`]),
    ...(filter.status === null ? [] : [sql`t.status = ${filter.status}`]),
    ...(filter.kind === null ? [] : [sql`t.kind = ${filter.kind}`]),
    ...(filter.customerPhone === null ? [] : [sql`t.customer_phone = ${filter.customerPhone}`]),
    ...(filter.externalId === null ? [] : [sql`t.external_id = ${filter.externalId}`]),
    ...(after === null ? [] : [sql`(t.occurred_at, t.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`]),
  ]
  const where = sql.join([sql`t.integration_id = i.id`, ...conditions], sql` and `)
  const { rows } = await context.db.execute<TransactionRow>(sql`
    select t.* from crm_integrations i left join lateral (
      select * from crm_transactions t where ${where}
      order by t.occurred_at desc, t.id desc limit ${filter.limit + 1}::int
    ) t on true
    where ${isVisible(filter)} order by t.occurred_at desc, t.id desc`)
  const found = presentable(rows)
  if (!found) return null
  const page = found.slice(0, filter.limit)
  const last = page.at(-1)
  const hasMore = found.length > filter.limit && last !== undefined
  return { items: page.map(presentTransaction), nextCursor: hasMore ? encodeCursor([last.occurred_at, last.id]) : null }
}

export interface ChangesRequest {
  readonly integrationId: string
  readonly tenant: string | null
  readonly after: number
  readonly limit: number
}

interface Changes {
  readonly items: readonly Transaction[]
  /** What to send as `after` next time. */
  readonly nextAfter: number
}

/** Transactions changed after a number, in the order in which their latest changes were committed. Null: no integration. */
export async function listChanges(context: Context, request: ChangesRequest): Promise<Changes | null> {
  const { rows } = await context.db.execute<TransactionRow>(sql`
    select t.* from crm_integrations i left join lateral (
      select * from crm_transactions t where t.integration_id = i.id and t.change_seq > ${request.after}::bigint
      order by t.change_seq limit ${request.limit}::int
    ) t on true
    where ${isVisible(request)} order by t.change_seq`)
  const items = presentable(rows)?.map(presentTransaction)
  if (!items) return null
  return { items, nextAfter: items.at(-1)?.changeSeq ?? request.after }
}

function isVisible({ integrationId, tenant }: { readonly integrationId: string; readonly tenant: string | null }): SQL {
  return sql`i.id = ${integrationId}::uuid and (${tenant}::uuid is null or i.business_id = ${tenant}::uuid)`
}

/** The left join gives one empty row for an integration without transactions, and none for no integration. */
function presentable(rows: readonly TransactionRow[]): TransactionRow[] | null {
  return rows.length === 0 ? null : rows.filter(({ id }) => id !== null)
}
