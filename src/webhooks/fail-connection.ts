import { and, eq } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { auditFailed, failedConnection, openRefused } from '#connections/failed-connection.ts'
import { isNoTrouble, lockVendor, recordRefusal } from '#connections/vendor-trouble.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import type { CrmError } from '#lib/crm-error.ts'
import { storedError } from '#sync/failure.ts'
import { type Claim, settingsOf } from '#webhooks/inbox.ts'
import { cancelUnbegun } from '#runs/cancel-run.ts'

/**
 * Switches sync off, as a run does by the rule `stop` of sync/retry-policy.ts. False: the CRM refuses many at once, and
 * nothing was switched off.
 */
export async function failConnection(
  context: Context,
  integration: Claim['integration'],
  refusal: CrmError,
): Promise<boolean> {
  const { id, crmType, settingsEpoch } = integration
  const failure = storedError(crmType, refusal, { when: 'stopped' })
  const [, judged] = await context.db.batch([
    context.db.execute(lockVendor(crmType)),
    context.db.execute<{ is_trouble: boolean }>(recordRefusal(crmType, settingsOf(integration))),
    context.db
      .update(crmIntegrations)
      .set(failedConnection(failure))
      .where(and(eq(crmIntegrations.id, id), eq(crmIntegrations.settingsEpoch, settingsEpoch), isNoTrouble(crmType))),
    context.db.execute(cancelUnbegun(id)),
    context.db.execute(openRefused(id, refusal)),
    context.db.execute(auditFailed(context, id)),
  ])
  return judged.rows[0]?.is_trouble !== true
}
