// Endpoints: who hears of what. One that an admin makes without a business hears of all businesses.
import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import { auditLines } from '#audit/statements.ts'
import type { Action } from '#audit/actions.ts'
import { outboundPolicy } from '#config.ts'
import type { Context } from '#context.ts'
import { hexBytes } from '#db/bytea.ts'
import { violatedConstraint } from '#db/errors.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { isOfTenant } from '#db/tenant.ts'
import { mintSecret, sealSecret } from '#events/endpoint-secret.ts'
import type { CreateEndpoint, EndpointRow, UpdateEndpoint } from '#events/schema.ts'
import { REFUSED_ADDRESS } from '#lib/refused-address.ts'
import { refuseAddress } from '#lib/egress-policy.ts'
import { Problem } from '#lib/errors.ts'

/** Each event of a business is a row for each of its endpoints. */
const OF_BUSINESS_MAX = 10
/** Each event of all businesses is a row for each of these. */
const OF_ALL_MAX = 100
const ROTATION_HOURS = 24

const COLUMNS = sql.raw(
  ['id', 'business_id', 'url', 'types', 'description', 'is_enabled', 'disabled_at', 'failing_since', 'former_until']
    .concat(['created_at', 'updated_at'])
    .map((column) => `e.${column}`)
    .join(', '),
)

export interface EndpointScope {
  readonly endpointId: string
  /** The caller's business; null for an admin. */
  readonly tenant: string | null
}

export interface WithSecret {
  readonly row: EndpointRow
  readonly secret: string
}

/** Selects the endpoint `e` if the tenant may see it. */
export function isVisibleEndpoint({ endpointId, tenant }: EndpointScope): SQL {
  return sql`e.id = ${endpointId}::uuid and ${isOfTenant(tenant, sql.raw('e.business_id'))}`
}

/** A line for the endpoint that the CTE `changed` has, as the body of a CTE. */
const audited = (context: Context, action: Action, changes: readonly string[] = []): SQL =>
  auditLines(context, { action, changes }, sql`select business_id, null::uuid as integration_id from changed`)

/** Throws Problem: `invalid_request`, `not_found` (no such business), `too_many_endpoints`. */
export async function createEndpoint(
  context: Context,
  businessId: string | null,
  { url, types = null, description = null }: CreateEndpoint,
): Promise<WithSecret> {
  refuseUrl(context, url)
  const id = crypto.randomUUID()
  const secret = mintSecret()
  const sealed = hexBytes(await sealSecret(context, { id, businessId }, secret))
  const most = businessId === null ? OF_ALL_MAX : OF_BUSINESS_MAX
  try {
    const [, created] = await context.db.batch([
      // One at a time, or two would both be the last one.
      context.db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`endpoints ${businessId}`}, 0))`),
      context.db.execute<EndpointRow>(sql`
        with changed as (
          insert into event_endpoints as e (id, business_id, url, types, description, secret)
          select ${id}::uuid, ${businessId}::uuid, ${url}, ${types && JSON.stringify(types)}::jsonb, ${description},
            ${sealed}::bytea
          where (
            select count(*) from event_endpoints where business_id is not distinct from ${businessId}::uuid) < ${most}::int
          returning ${COLUMNS}
        ), audited as (${audited(context, 'endpoint.created')})
        select * from changed`),
    ])
    const [row] = created.rows
    if (row) return { row, secret }
  } catch (error) {
    if (violatedConstraint(error) === null) throw error
    throw new Problem('not_found', { cause: error })
  }
  throw new Problem('too_many_endpoints')
}

export async function getEndpoint({ db }: Context, scope: EndpointScope): Promise<EndpointRow | null> {
  const { rows } = await db.execute<EndpointRow>(
    sql`select ${COLUMNS} from event_endpoints e where ${isVisibleEndpoint(scope)}`,
  )
  return rows[0] ?? null
}

export const ListEndpoints = Paging.extend({
  businessId: z.guid().optional().meta({ description: 'Only those that hear of this business alone.' }),
})

const newest = keyset({ created_at: [sql`e.created_at`, 'timestamptz'], id: [sql`e.id`, 'uuid'] })

/** Newest first. Throws Problem `invalid_request` for a foreign cursor. */
export async function listEndpoints(
  { db }: Context,
  request: z.infer<typeof ListEndpoints> & Pick<EndpointScope, 'tenant'>,
): Promise<Page<EndpointRow>> {
  const { isAfter, order, limit, toPage } = newest(request)
  const { businessId = null, tenant } = request
  const { rows } = await db.execute<EndpointRow>(sql`
    select ${COLUMNS} from event_endpoints e
    where ${isOfTenant(tenant, sql.raw('e.business_id'))} and ${isOfTenant(businessId, sql.raw('e.business_id'))}
      and ${isAfter} order by ${order} limit ${limit}::int`)
  return toPage(rows)
}

/** What is switched on, or moves to another address, begins anew. Null: no such endpoint for this tenant. */
export async function updateEndpoint(
  context: Context,
  { endpointId, tenant, ...change }: EndpointScope & UpdateEndpoint,
): Promise<EndpointRow | null> {
  const { url = null, types, description, isEnabled = null } = change
  if (url !== null) refuseUrl(context, url)
  const isAnew = url !== null || isEnabled === true
  const { rows } = await context.db.execute<EndpointRow>(sql`
    with changed as (
      update event_endpoints e set url = coalesce(${url}, e.url), is_enabled = coalesce(${isEnabled}::bool, e.is_enabled),
        types = case when ${types !== undefined}::bool then ${types ? JSON.stringify(types) : null}::jsonb else e.types end,
        description = case when ${description !== undefined}::bool then ${description ?? null} else e.description end,
        failing_since = case when not ${isAnew}::bool then e.failing_since end,
        paused_until = case when not ${isAnew}::bool then e.paused_until end,
        disabled_at = case when ${isEnabled}::bool is null then e.disabled_at end, updated_at = now()
      where ${isVisibleEndpoint({ endpointId, tenant })} returning ${COLUMNS}
    ), resolved as (
      update issues s set resolved_at = now() from changed c
      where ${isEnabled}::bool is not null and s.endpoint_id = c.id and s.resolved_at is null
    ), audited as (${audited(context, 'endpoint.changed', Object.keys(change))})
    select * from changed`)
  return rows[0] ?? null
}

/** What waits for it is not sent any more. False: no such endpoint for this tenant. */
export async function deleteEndpoint(context: Context, scope: EndpointScope): Promise<boolean> {
  const { rows } = await context.db.execute(sql`
    with changed as (delete from event_endpoints e where ${isVisibleEndpoint(scope)} returning e.id, e.business_id
    ), audited as (${audited(context, 'endpoint.deleted')})
    select id from changed`)
  return rows.length > 0
}

/** For a day the former secret signs beside the new one. Null: no such endpoint for this tenant. */
export async function rotateSecret(context: Context, scope: EndpointScope): Promise<WithSecret | null> {
  const known = await getEndpoint(context, scope)
  if (!known) return null
  const secret = mintSecret()
  const sealed = await sealSecret(context, { id: known.id, businessId: known.business_id }, secret)
  const { rows } = await context.db.execute<EndpointRow>(sql`
    with changed as (
      update event_endpoints e set former_secret = e.secret, secret = ${hexBytes(sealed)}::bytea,
        former_until = now() + ${ROTATION_HOURS}::int * interval '1 hour', updated_at = now()
      where ${isVisibleEndpoint(scope)} returning ${COLUMNS}
    ), audited as (${audited(context, 'endpoint.rotated')})
    select * from changed`)
  return rows[0] ? { row: rows[0], secret } : null
}

/** Throws Problem `invalid_request`. */
function refuseUrl({ config }: Context, url: string): void {
  const refusal = refuseAddress(url, outboundPolicy(config))
  if (!refusal) return
  throw new Problem('invalid_request', {
    errors: [{ path: 'url', code: 'not_allowed', message: REFUSED_ADDRESS[refusal] }],
  })
}
