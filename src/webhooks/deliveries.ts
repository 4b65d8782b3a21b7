import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { Hint, LocalizedText } from '#crm/contract.ts'
import { findConnector } from '#crm/registry.ts'
import { isoInstant, isoInstantOrNull } from '#db/instant.ts'
import { cursorProblem, decodeCursor, encodeCursor } from '#lib/page-cursor.ts'
import type { TenantScope } from '#runs/start-run.ts'
import { presentReason } from '#webhooks/reasons.ts'

export const DELIVERY_STATUSES = ['new', 'done', 'ignored', 'rejected', 'failed'] as const

/** What a CRM told us, without what it said: bodies are full of people. */
export const WebhookDelivery = z
  .strictObject({
    id: z.guid(),
    status: z.enum(DELIVERY_STATUSES).meta({
      description:
        '`new`: waits to be worked off. `done`. `ignored`: not about sales. `rejected`: unverified, unreadable or another account’s. `failed`: given up; can be replayed.',
    }),
    reason: z
      .strictObject({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'Why it is not simply done, in the language of `Accept-Language`.' }),
    externalIds: z.array(z.string()).meta({ description: 'The transactions that it points at.' }),
    repeats: z.int().nonnegative().meta({ description: 'How often the same came again.' }),
    attempts: z.int().nonnegative(),
    contentType: z.string().nullable(),
    hasBody: z.boolean().meta({ description: 'The body is kept for some days only.' }),
    receivedAt: z.iso.datetime(),
    doneAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookDelivery' })
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

export interface DeliveryRow extends Record<string, unknown> {
  id: string | null
  crm_type: string
  status: WebhookDelivery['status']
  reason: string | null
  hints: readonly Hint[] | null
  repeats: number
  attempts: number
  content_type: string | null
  has_body: boolean
  received_at: string
  done_at: string | null
}

/** The columns of a DeliveryRow: `d` is the delivery, `i` its integration. */
export const deliveryColumns = sql.raw(
  'd.id, i.crm_type, d.status, d.reason, d.hints, d.repeats, d.attempts, d.content_type, d.body is not null as has_body, d.received_at, d.done_at',
)

export interface DeliveryList extends TenantScope {
  readonly status: WebhookDelivery['status'] | null
  readonly externalId: string | null
  /** RFC 3339, inclusive; `to` exclusive. */
  readonly from: string | null
  readonly to: string | null
  readonly limit: number
  readonly cursor: string | null
  readonly language: keyof LocalizedText
}

const DeliveryCursor = z.tuple([z.string(), z.guid()])

/** Newest first. Null: no such integration for this tenant. */
export async function listDeliveries(
  context: Context,
  request: DeliveryList,
): Promise<{ readonly items: readonly WebhookDelivery[]; readonly nextCursor: string | null } | null> {
  const after = request.cursor === null ? null : decodeCursor(request.cursor, DeliveryCursor)
  if (request.cursor !== null && after === null) throw cursorProblem()
  const { integrationId, tenant, limit, language } = request
  const { rows } = await context.db.execute<DeliveryRow>(sql`
    select ${deliveryColumns} from crm_integrations i left join lateral (
      select * from webhook_deliveries d where d.integration_id = i.id and d.kind = 'hook' ${filterOf(request)}
        ${after ? sql`and (d.received_at, d.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``}
      order by d.received_at desc, d.id desc limit ${limit + 1}::int
    ) d on true
    where i.id = ${integrationId}::uuid and (${tenant}::uuid is null or i.business_id = ${tenant}::uuid)
    order by d.received_at desc, d.id desc`)
  if (rows.length === 0) return null
  const found = rows.filter((row) => row.id !== null)
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map((row) => presentDelivery(row, language)),
    nextCursor: found.length > limit && last ? encodeCursor([last.received_at, last.id]) : null,
  }
}

function filterOf({ status, externalId, from, to }: DeliveryList): SQL {
  const hint = externalId && JSON.stringify([{ externalId }])
  return sql`${status === null ? sql`` : sql`and d.status = ${status}`}
    ${hint === null ? sql`` : sql`and d.hints @> ${hint}::jsonb`}
    ${from === null ? sql`` : sql`and d.received_at >= ${from}::timestamptz`}
    ${to === null ? sql`` : sql`and d.received_at < ${to}::timestamptz`}`
}

export function presentDelivery(row: DeliveryRow, language: keyof LocalizedText): WebhookDelivery {
  return {
    id: row.id ?? '',
    status: row.status,
    reason:
      row.reason === null ? null : presentReason(row.reason, findConnector(row.crm_type)?.messages ?? {}, language),
    externalIds: [...new Set((row.hints ?? []).map(({ externalId }) => externalId))],
    repeats: row.repeats,
    attempts: row.attempts,
    contentType: row.content_type,
    hasBody: row.has_body,
    receivedAt: isoInstant(row.received_at),
    doneAt: isoInstantOrNull(row.done_at),
  }
}
