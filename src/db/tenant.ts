// Which rows a caller may see. Every statement that begins with a caller's id takes its condition from here, so that none
// forgets the tenant.
import { type Placeholder, type SQL, sql, type SQLWrapper } from 'drizzle-orm'

export interface TenantScope {
  readonly integrationId: string
  /** The business that asks; null for an admin, who sees all. */
  readonly tenant: string | null
}

/** The same as parameters of a statement that is prepared once. */
type PreparedScope = Readonly<Record<keyof TenantScope, Placeholder>>

interface IntegrationColumns {
  readonly id: SQLWrapper
  readonly businessId: SQLWrapper
}

const ALIASED: IntegrationColumns = { id: sql.raw('i.id'), businessId: sql.raw('i.business_id') }

/** The integration, if it belongs to the tenant. In raw SQL `i` is a row of crm_integrations; a builder names the table. */
export function isVisible(
  { integrationId, tenant }: TenantScope | PreparedScope,
  { id, businessId }: IntegrationColumns = ALIASED,
): SQL {
  return sql`${id} = ${integrationId}::uuid and ${isOfTenant(tenant, businessId)}`
}

/** Everything of the tenant's. */
export function isOfTenant(tenant: string | null | Placeholder, businessId: SQLWrapper = ALIASED.businessId): SQL {
  return sql`(${tenant}::uuid is null or ${businessId} = ${tenant}::uuid)`
}

/** Locks it, and answers with its id if there is one. First in a batch, so that the next statement sees what came before. */
export function lockVisible(scope: TenantScope): SQL {
  return sql`select i.id from crm_integrations i where ${isVisible(scope)} for no key update`
}
