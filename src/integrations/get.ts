import type { Context } from '#context.ts'
import { findIntegration, type IntegrationRow } from '#integrations/queries.ts'

/** Null: there is none, or another tenant owns it. */
export async function getIntegration(
  context: Context,
  id: string,
  tenant: string | null,
): Promise<IntegrationRow | null> {
  return findIntegration(context.db, id, tenant)
}
