import { sql } from 'drizzle-orm'
import { auditLines } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { type Delivery, getDelivery } from '#events/deliveries.ts'
import { openSecrets } from '#events/endpoint-secret.ts'
import { type EndpointScope, isVisibleEndpoint } from '#events/endpoints.ts'
import { attempt, settle } from '#events/work-endpoint.ts'

interface TestRow extends Record<string, unknown> {
  readonly id: string
  readonly business_id: string | null
  readonly url: string
  readonly secret: string
  readonly former_secret: string | null
  readonly data: Readonly<Record<string, unknown>>
  readonly created_at: string
}

/**
 * Sends an `endpoint.test` at once, whether the endpoint is on or off, and answers with what became of it. If it is not
 * taken, it is sent again like any event. Null: no such endpoint for this tenant.
 */
export async function testEndpoint(context: Context, scope: EndpointScope): Promise<Delivery | null> {
  const { rows } = await context.db.execute<TestRow>(sql`
    with e as (
      select * from event_endpoints e where ${isVisibleEndpoint(scope)}
    ), sent as (
      -- Due later than this attempt takes, so that nobody else sends it meanwhile.
      insert into event_deliveries (endpoint_id, type, data, taken_at, due_at)
      select id, 'endpoint.test', jsonb_build_object('endpointId', id), now(), now() + interval '30 seconds' from e
      returning id, data, created_at
    ), audited as (${auditLines(context, { action: 'endpoint.tested' }, sql`select business_id, null::uuid as integration_id from e`)})
    select sent.*, e.business_id, e.url, encode(e.secret, 'hex') as secret,
      case when e.former_until > now() then encode(e.former_secret, 'hex') end as former_secret
    from sent, e`)
  const [row] = rows
  if (!row) return null
  const owner = { id: scope.endpointId, businessId: row.business_id }
  const former = row.former_secret === null ? null : Uint8Array.fromHex(row.former_secret)
  const secrets = await openSecrets(context, owner, { present: Uint8Array.fromHex(row.secret), former })
  const delivery = { id: row.id, type: 'endpoint.test', data: row.data, createdAt: row.created_at, attempts: 0 }
  const settled = await attempt(context, { url: row.url, secrets }, delivery)
  const holder = crypto.randomUUID()
  await settle(context, { endpointId: scope.endpointId, holder, settled: [settled], takenMax: 0, pauseSeconds: 0 })
  return getDelivery(context, { ...scope, deliveryId: row.id })
}
