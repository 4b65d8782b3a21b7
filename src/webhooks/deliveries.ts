import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { Hint, LocalizedText } from '#crm/contract.ts'
import { findConnector } from '#crm/registry.ts'
import { isoInstant, isoInstantOrNull } from '#db/columns.ts'
import { type Conditions, matches } from '#db/filter.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { listOfIntegration } from '#db/list.ts'
import type { TenantScope } from '#db/tenant.ts'
import { Instant } from '#lib/instant.ts'
import { presentReason } from '#webhooks/reasons.ts'

const DELIVERY_STATUSES = ['new', 'done', 'ignored', 'rejected', 'failed'] as const

/** A delivery without its body, which holds personal data. */
export const WebhookDelivery = z
  .lazy(() =>
    z.strictObject({
      id: z.guid().meta({ description: 'The id of the delivery.' }),
      status: z.enum(DELIVERY_STATUSES).meta({
        description:
          '`new`: waits to be processed. `done`. `ignored`: not about sales. `rejected`: unverified, unreadable or another account’s. `failed`: given up; can be replayed.',
      }),
      reason: z
        .strictObject({
          code: z.string().meta({ description: 'What clients decide by.' }),
          message: z.string().meta({ description: 'The same for a person.' }),
        })
        .nullable()
        .meta({ description: 'What is special about its outcome, in the language of `Accept-Language`.' }),
      externalIds: z.array(z.string()).meta({ description: 'The transactions that it points at.' }),
      repeats: z.int().nonnegative().meta({ description: 'How often the same delivery came again.' }),
      attempts: z.int().nonnegative().meta({ description: 'How often it was tried to process it.' }),
      contentType: z.string().nullable().meta({ description: 'Of its body.' }),
      hasBody: z.boolean().meta({ description: 'The body is kept for some days only.' }),
      receivedAt: z.iso.datetime().meta({ description: 'When it came.' }),
      doneAt: z.iso.datetime().nullable().meta({ description: 'When it was processed; null before.' }),
    }),
  )
  .meta({ id: 'WebhookDelivery', description: 'What a CRM reported, and what became of it.' })
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

export interface DeliveryRow extends Record<string, unknown> {
  id: string
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

const DeliveryFilter = z.strictObject({
  status: z.enum(DELIVERY_STATUSES).optional().meta({ description: 'Only these.' }),
  externalId: z.string().max(200).optional().meta({ description: 'Only those that point at this transaction.' }),
  from: Instant.optional().meta({ description: '`receivedAt` at or after this.' }),
  to: Instant.optional().meta({ description: '`receivedAt` before this.' }),
})

/** `d` is a row of webhook_deliveries. */
const CONDITIONS: Conditions<z.infer<typeof DeliveryFilter>> = {
  status: (status) => sql`d.status = ${status}`,
  externalId: (externalId) => sql`d.hints @> ${JSON.stringify([{ externalId }])}::jsonb`,
  from: (from) => sql`d.received_at >= ${from}::timestamptz`,
  to: (to) => sql`d.received_at < ${to}::timestamptz`,
}

export const ListDeliveries = Paging.extend(DeliveryFilter.shape)
type ListDeliveries = z.infer<typeof ListDeliveries>

const newest = keyset({ received_at: [sql`d.received_at`, 'timestamptz'], id: [sql`d.id`, 'uuid'] })

/** Newest first. Null: no such integration for this tenant. Throws Problem `invalid_request` for a foreign cursor. */
export async function listDeliveries(
  context: Context,
  request: TenantScope & ListDeliveries & { readonly language: keyof LocalizedText },
): Promise<Page<WebhookDelivery> | null> {
  const { isAfter, order, limit, toPage } = newest(request)
  const where = sql`d.kind = 'hook' and ${matches(request, CONDITIONS)} and ${isAfter}`
  const rows = await listOfIntegration<DeliveryRow>(context.db, request, {
    ...{ table: 'webhook_deliveries', alias: 'd', columns: deliveryColumns },
    ...{ where, order, limit },
  })
  if (!rows) return null
  const { items, nextCursor } = toPage(rows)
  return { items: items.map((row) => presentDelivery(row, request.language)), nextCursor }
}

export function presentDelivery(row: DeliveryRow, language: keyof LocalizedText): WebhookDelivery {
  return {
    id: row.id,
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
