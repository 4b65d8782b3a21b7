import { waitUntil } from 'cloudflare:workers'
import { eq, sql } from 'drizzle-orm'
import { auditLines } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { violatedConstraint } from '#db/errors.ts'
import { businesses } from '#db/schema/businesses.ts'
import { crmIntegrations, type StoredAccount } from '#db/schema/crm-integrations.ts'
import { isVisible } from '#db/tenant.ts'
import { dropAnswersOf } from '#idempotency/kept-answers.ts'
import { removeFiles } from '#connections/file-store.ts'
import { abortUploads } from '#connections/open-uploads.ts'
import { accountAt, deleteButSales, removeKept } from '#integrations/kept.ts'
import { businessOf, findIntegration, type IntegrationRow, toSessionRow } from '#integrations/queries.ts'
import { removeRows } from '#integrations/remove-rows.ts'
import { unregisterWebhook } from '#integrations/webhook-registration.ts'
import { Problem } from '#lib/errors.ts'
import { withTimeout } from '#lib/with-timeout.ts'

/** A CRM that answers as usual has dropped our address by then; for another one nobody waits. Chosen, not measured. */
const DROPPED_MS = 1500
/** As long as a person waits for an answer. Without it, address and settings alone tell the account. */
const ACCOUNT_MS = 10_000

interface Deletion {
  readonly id: string
  readonly tenant: string | null
  readonly requestUrl: string
  /** Sales and their history stay, and can be read for the business. */
  readonly keepsSales?: boolean
}

/** Deletes an integration with everything that belongs to it. False: there is none, or another tenant owns it. */
export async function deleteIntegration(context: Context, deletion: Deletion): Promise<boolean> {
  const { id, tenant, requestUrl, keepsSales = false } = deletion
  const row = await findIntegration(context.db, id, tenant)
  if (!row) return false
  const scope = { integrationId: id, tenant }
  const deletesRow = keepsSales
    ? deleteButSales(scope, await accountOfSales(context, row))
    : sql`delete from crm_integrations i where ${isVisible(scope)} returning i.id`
  await dropAddress(context, row, requestUrl)
  await abortUploads(context, id)
  const line = auditLines(
    context,
    { action: 'integration.deleted' },
    // Locked, so that of two who delete it only one leaves a line.
    sql`select i.business_id, i.id as integration_id from crm_integrations i where ${isVisible(scope)} for update`,
  )
  const [, deleted] = await context.db.batch([context.db.execute(line), context.db.execute(deletesRow)])
  if (deleted.rows.length === 0) return false
  try {
    // Few integrations have more rows than one batch takes; the cron goes on with those that have.
    await context.db.execute(removeRows(id))
    await removeFiles(context, id)
  } catch (error) {
    // Nothing of it can be reached any more. The cron deletes the rows, and the nightly clean-up old files.
    context.log.warn('rows_or_files_left', { error, integrationId: id })
  }
  return true
}

/** What is not done in time goes on beside the answer, with what was read of the integration before it is gone. */
async function dropAddress(context: Context, row: IntegrationRow, requestUrl: string): Promise<void> {
  const dropped = unregisterWebhook(context, row, requestUrl)
  const log = (error: unknown) => context.log.warn('webhook_address_left', { error, integrationId: row.id })
  if ((await withTimeout(dropped, DROPPED_MS)) === 'late') waitUntil(dropped.catch(log))
}

/**
 * The account of the sales, where no test has shown it since the settings were changed: the credentials are there for
 * the last time.
 */
async function accountOfSales(context: Context, row: IntegrationRow): Promise<StoredAccount | null> {
  if (row.account && row.account.changed !== 'settings') return null
  const session = toSessionRow(row, await businessOf(context.db, row.businessId))
  const account = await withTimeout(accountAt(context, session), ACCOUNT_MS)
  return account === 'late' ? null : account
}

/**
 * Deletes a business with its integration and all that it has kept. False: there is none. Throws Problem `conflict`
 * when an integration is created at the same time.
 */
export async function deleteBusiness(
  context: Context,
  { id, requestUrl }: Pick<Deletion, 'id' | 'requestUrl'>,
): Promise<boolean> {
  const [integration] = await context.db
    .select({ id: crmIntegrations.id })
    .from(crmIntegrations)
    .where(eq(crmIntegrations.businessId, id))
  if (integration) await deleteIntegration(context, { id: integration.id, tenant: id, requestUrl })
  try {
    await dropAnswersOf(context, id)
    const line = auditLines(
      context,
      { action: 'business.deleted' },
      sql`select id as business_id, null::uuid as integration_id from businesses where id = ${id}::uuid for update`,
    )
    const [, deleted] = await context.db.batch([
      context.db.execute(line),
      context.db.delete(businesses).where(eq(businesses.id, id)).returning({ id: businesses.id }),
      context.db.execute(removeKept(id)),
    ])
    return deleted.length > 0
  } catch (error) {
    throw violatedConstraint(error) === null ? error : new Problem('conflict', { cause: error })
  }
}
