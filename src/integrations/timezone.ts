import type { Context } from '#context.ts'
import { findForSession } from '#integrations/queries.ts'
import { isTimeZone } from '#lib/time.ts'

/**
 * The zone for showing an integration's times: from its settings, else from its business. Null: no such integration.
 */
export async function timezoneOf(
  context: Context,
  integrationId: string,
  tenant: string | null,
): Promise<string | null> {
  const row = await findForSession(context.db, integrationId, tenant)
  if (!row) return null
  const zone = row.additionalConfig?.['timezone']
  return typeof zone === 'string' && isTimeZone(zone) ? zone : row.timezone
}
