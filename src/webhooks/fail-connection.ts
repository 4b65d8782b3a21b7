import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { CrmError } from '#lib/crm-error.ts'
import { storedError } from '#sync/failure.ts'
import type { Claim } from '#webhooks/inbox.ts'

/** As after a run that the CRM refused: until a person has acted, another try would only burn the quota or lock the account. */
export async function failConnection(
  context: Context,
  { id, crmType, settingsEpoch }: Claim['integration'],
  refusal: CrmError,
): Promise<void> {
  const { kind, reason, message } = storedError(crmType, refusal, { when: 'stopped' })
  const text = `${reason === null ? kind : `${kind}.${reason}`}: ${message}`
  await context.db.execute(sql`
    update crm_integrations set connection_status = 'failed', connection_checked_at = now(), sync_enabled = false,
      next_sync_at = null, last_error = ${text}, updated_at = clock_timestamp()
    where id = ${id}::uuid and settings_epoch = ${settingsEpoch}::int`)
}
