import { and, eq, type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { type Conditions, matches } from '#db/filter.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { isOfTenant, type TenantScope } from '#db/tenant.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'
import { type IntegrationRow, shownColumns } from '#integrations/queries.ts'

/** The kind and the cause of an error, as `lastErrorCode` shows them. */
const ERROR_CODE = /^[a-z_]{1,40}(?:\.[a-z_0-9]{1,60})?$/

const IntegrationFilter = z.strictObject({
  businessId: z.guid().optional().meta({ description: 'Only of this business.' }),
  crmType: z.enum(CRM_TYPES).optional().meta({ description: 'Only of this CRM.' }),
})

/** What an administrator looks for. */
const AdminFilter = IntegrationFilter.extend({
  status: z
    .enum(['untested', 'ok', 'failed'])
    .optional()
    .meta({ description: 'Only those whose `connection.status` is this.' }),
  stoppedBy: z
    .enum(['person', 'vendor', 'uninstall', 'freeze'])
    .optional()
    .meta({ description: 'Only those that this switched off.' }),
  lastErrorCode: z
    .string()
    .regex(ERROR_CODE)
    .optional()
    .meta({ description: 'Only those whose last sync failed so: a kind, or a kind and a cause (`auth.revoked`).' }),
  staleSince: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'Only those that are switched on and whose `asOf` is older, or that have none yet.' }),
})

const ON = { description: 'Only those whose sync is on, or off.' }
const ListAdminFilter = AdminFilter.extend({ syncEnabled: z.enum(['true', 'false']).optional().meta(ON) })
export const RetestFilter = AdminFilter.extend({ syncEnabled: z.boolean().optional().meta(ON) })
export type RetestFilter = z.infer<typeof RetestFilter>

type AnyFilter = Omit<RetestFilter, 'syncEnabled'> & {
  readonly syncEnabled?: boolean | 'true' | 'false' | undefined
}

const CONDITIONS: Conditions<AnyFilter> = {
  businessId: (id) => eq(crmIntegrations.businessId, id),
  crmType: (type) => eq(crmIntegrations.crmType, type),
  status: (status) => eq(crmIntegrations.connectionStatus, status),
  stoppedBy: (by) => eq(crmIntegrations.stoppedBy, by),
  syncEnabled: (isOn) =>
    String(isOn) === 'true'
      ? sql`${crmIntegrations.syncEnabled} = true`
      : sql`${crmIntegrations.syncEnabled} is not true`,
  lastErrorCode: (code) => {
    const [kind = '', reason] = code.split('.')
    const { lastFailure } = crmIntegrations
    const isOfKind = sql`${lastFailure} ->> 'kind' = ${kind}`
    return reason === undefined ? isOfKind : sql`${isOfKind} and ${lastFailure} ->> 'reason' = ${reason}`
  },
  staleSince: (at) => sql`${crmIntegrations.syncEnabled} = true
    and coalesce(${crmIntegrations.asOf}, '-infinity') < ${at}::timestamptz`,
}

export const ListIntegrations = Paging.extend(IntegrationFilter.shape)
export const ListAllIntegrations = Paging.extend(ListAdminFilter.shape)

/** Selects integrations of all businesses. */
export function isWanted(filter: RetestFilter): SQL {
  return matches(filter, CONDITIONS)
}

const { createdAt, id, businessId } = crmIntegrations
const newest = keyset({ createdAt: [createdAt, 'timestamptz'], id: [id, 'uuid'] })

type Listing = Pick<TenantScope, 'tenant'> & z.infer<typeof ListAllIntegrations>

/**
 * `asOf` changes with each sync and has no index: a page of those that are stale comes from so many integrations at
 * most, which takes tens of milliseconds.
 */
const SEARCHED_MAX = 20_000

/**
 * Newest first. With `staleSince` a page may have fewer items than there are, or none, and a cursor to search on from.
 * Throws Problem `invalid_request` for a foreign cursor.
 */
export async function listIntegrations(
  context: Context,
  request: Listing,
  searchedMax = SEARCHED_MAX,
): Promise<Page<IntegrationRow>> {
  const { isAfter, order, limit, toPage, isUpTo, cursorOf } = newest(request)
  const isSearch = request.staleSince !== undefined && request.businessId === undefined && request.tenant === null
  const [last] = isSearch
    ? await context.db
        .select({ createdAt, id })
        .from(crmIntegrations)
        .where(isAfter)
        .orderBy(order)
        .offset(searchedMax - 1)
        .limit(1)
    : []
  const rows = await context.db
    .select(shownColumns)
    .from(crmIntegrations)
    .where(
      and(
        isOfTenant(request.tenant, businessId),
        matches(request, CONDITIONS),
        isAfter,
        last ? isUpTo(last) : undefined,
      ),
    )
    .orderBy(order)
    .limit(limit)
  const page = toPage(rows)
  return page.nextCursor === null && last ? { ...page, nextCursor: cursorOf(last) } : page
}
