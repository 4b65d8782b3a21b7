import { and, eq } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { failedConnection } from '#connections/failed-connection.ts'
import type { CrmError } from '#lib/crm-error.ts'
import { storedError } from '#sync/failure.ts'
import type { Claim } from '#webhooks/inbox.ts'

/** Switches sync off, as a run does by the rule `stop` of sync/retry-policy.ts. */
export async function failConnection(
  context: Context,
  { id, crmType, settingsEpoch }: Claim['integration'],
  refusal: CrmError,
): Promise<void> {
  const { kind, reason, message } = storedError(crmType, refusal, { when: 'stopped' })
  const text = `${reason === null ? kind : `${kind}.${reason}`}: ${message}`
  await context.db
    .update(crmIntegrations)
    .set(failedConnection(text))
    .where(and(eq(crmIntegrations.id, id), eq(crmIntegrations.settingsEpoch, settingsEpoch)))
}
