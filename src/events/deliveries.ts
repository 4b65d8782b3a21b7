// What was sent to an endpoint, and what it answered.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { auditLines } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { isoInstant, isoInstantOrNull } from '#db/columns.ts'
import { type Conditions, matches } from '#db/filter.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { type EndpointScope, isVisibleEndpoint } from '#events/endpoints.ts'
import { dataOf } from '#events/render.ts'
import { type Answer, ANSWER_ERRORS } from '#events/send.ts'
import { EVENT_TYPES } from '#events/types.ts'

const status = z.enum(['waiting', 'delivered', 'failed'])

export const Delivery = z
  .lazy(() =>
    z.strictObject({
      id: z.guid().meta({ description: 'The id of the event for this endpoint: `webhook-id` in every attempt.' }),
      endpointId: z.guid().meta({ description: 'The endpoint.' }),
      type: z.enum(EVENT_TYPES).meta({ description: 'The type of the event.' }),
      data: z.record(z.string(), z.unknown()).meta({ description: '`data` of its body.' }),
      status: status.meta({ description: '`failed`: its attempts are used up.' }),
      attempts: z.int().nonnegative().meta({ description: 'How often it was sent.' }),
      createdAt: z.iso.datetime().meta({ description: 'When it happened: `timestamp` of its body.' }),
      nextAttemptAt: z.iso.datetime().nullable().meta({ description: 'From when on it is sent; null: no more.' }),
      lastAttemptAt: z.iso.datetime().nullable().meta({ description: 'When it was last sent.' }),
      lastAnswer: z
        .strictObject({
          status: z.int().nullable().meta({ description: 'The status; null: there was no answer.' }),
          body: z.string().nullable().meta({ description: 'What its body began with, people masked.' }),
          ms: z.int().nonnegative().meta({ description: 'Milliseconds until the answer.' }),
          error: z.enum(ANSWER_ERRORS).nullable().meta({
            description:
              'Why there was no answer. `secret_unreadable`: the service has lost the key of the endpoint’s secret, so nothing is sent until it is rotated.',
          }),
        })
        .nullable()
        .meta({ description: 'What the last attempt came to; null: there was none.' }),
    }),
  )
  .meta({ id: 'Delivery', description: 'An event for an endpoint, and what became of it.' })
export type Delivery = z.infer<typeof Delivery>

const DeliveryFilter = z.strictObject({
  status: status.optional().meta({ description: 'Only these.' }),
  type: z.enum(EVENT_TYPES).optional().meta({ description: 'Only of this type.' }),
})

const CONDITIONS: Conditions<z.infer<typeof DeliveryFilter>> = {
  status: (one) => sql`d.status = ${one}`,
  type: (one) => sql`d.type = ${one}`,
}

export const ListDeliveries = Paging.extend(DeliveryFilter.shape)

interface DeliveryRow extends Record<string, unknown> {
  readonly id: string
  readonly endpoint_id: string
  readonly type: Delivery['type']
  readonly data: Delivery['data']
  readonly status: Delivery['status']
  readonly attempts: number
  readonly created_at: string
  readonly due_at: string
  readonly attempted_at: string | null
  readonly answer_status: number | null
  readonly answer_body: string | null
  readonly answer_ms: number | null
  readonly answer_error: Answer['error']
}

/** Their ids rise with time. */
const newest = keyset({ id: [sql`d.id`, 'uuid'] })

/** Newest first. Null: no such endpoint for this tenant. Throws Problem `invalid_request` for a foreign cursor. */
export async function listDeliveries(
  { db }: Context,
  request: EndpointScope & z.infer<typeof ListDeliveries>,
): Promise<Page<Delivery> | null> {
  const { isAfter, order, limit, toPage } = newest(request)
  const { rows } = await db.execute<DeliveryRow | { readonly id: null }>(sql`
    select d.* from event_endpoints e left join lateral (
      select * from event_deliveries d where d.endpoint_id = e.id and ${matches(request, CONDITIONS)} and ${isAfter}
      order by ${order} limit ${limit}::int) d on true
    where ${isVisibleEndpoint(request)} order by ${order}`)
  if (rows.length === 0) return null
  const { items, nextCursor } = toPage(rows.filter((row): row is DeliveryRow => row.id !== null))
  return { items: items.map(present), nextCursor }
}

interface OneDelivery extends EndpointScope {
  readonly deliveryId: string
}

export async function getDelivery({ db }: Context, request: OneDelivery): Promise<Delivery | null> {
  const { rows } = await db.execute<DeliveryRow>(sql`
    select d.* from event_endpoints e join event_deliveries d on d.endpoint_id = e.id
    where ${isVisibleEndpoint(request)} and d.id = ${request.deliveryId}::uuid`)
  return rows[0] ? present(rows[0]) : null
}

/** Sends it again, now and with all attempts anew. Null: no such delivery for this tenant. */
export async function resendDelivery(context: Context, request: OneDelivery): Promise<Delivery | null> {
  const { rows } = await context.db.execute<DeliveryRow>(sql`
    with changed as (
      update event_deliveries d set status = 'waiting', attempts = 0, due_at = now() from event_endpoints e
      where ${isVisibleEndpoint(request)} and d.endpoint_id = e.id and d.id = ${request.deliveryId}::uuid
      returning d.*, e.business_id
    ), audited as (${auditLines(context, { action: 'delivery.resent' }, sql`select business_id, null::uuid as integration_id from changed`)})
    select * from changed`)
  return rows[0] ? present(rows[0]) : null
}

function present(row: DeliveryRow): Delivery {
  const { answer_status: answered, answer_body: body, answer_ms: ms, answer_error: error } = row
  return {
    ...{ id: row.id, endpointId: row.endpoint_id, type: row.type, data: dataOf(row) },
    ...{ status: row.status, attempts: row.attempts, createdAt: isoInstant(row.created_at) },
    nextAttemptAt: row.status === 'waiting' ? isoInstant(row.due_at) : null,
    lastAttemptAt: isoInstantOrNull(row.attempted_at),
    lastAnswer: ms === null ? null : { status: answered, body, ms, error },
  }
}
