// Decides which rows a caller may see. Every statement with an id from a caller takes its condition from here, so that
// none forgets the tenant.
import { type Placeholder, type SQL, sql, type SQLWrapper } from 'drizzle-orm'

export interface TenantScope {
  readonly integrationId: string
  /** The caller's business; null for an admin, who sees all. */
  readonly tenant: string | null
}

export interface BusinessScope {
  readonly businessId: string
  /** As above. */
  readonly tenant: string | null
}

/** The scope as placeholders of a prepared statement. */
type PreparedScope = Readonly<Record<keyof TenantScope, Placeholder>>

interface IntegrationColumns {
  readonly id: SQLWrapper
  readonly businessId: SQLWrapper
}

const ALIASED: IntegrationColumns = { id: sql.raw('i.id'), businessId: sql.raw('i.business_id') }

/** Selects the integration if it belongs to the tenant. In raw SQL `i` is its row; a builder passes the columns. */
export function isVisible(
  { integrationId, tenant }: TenantScope | PreparedScope,
  { id, businessId }: IntegrationColumns = ALIASED,
): SQL {
  return sql`${id} = ${integrationId}::uuid and ${isOfTenant(tenant, businessId)}`
}

/** Selects the business `b` if the caller belongs to it. */
export function isVisibleBusiness({ businessId, tenant }: BusinessScope): SQL {
  return sql`b.id = ${businessId}::uuid and ${isOfTenant(tenant, sql.raw('b.id'))}`
}

/** Selects all rows of the tenant. */
export function isOfTenant(tenant: string | null | Placeholder, businessId: SQLWrapper = ALIASED.businessId): SQL {
  return sql`(${tenant}::uuid is null or ${businessId} = ${tenant}::uuid)`
}

/**
 * Locks the integration and returns its id. It stands first in a batch, so that the next statement sees earlier
 * commits.
 */
export function lockVisible(scope: TenantScope): SQL {
  return sql`select i.id from crm_integrations i where ${isVisible(scope)} for no key update`
}
