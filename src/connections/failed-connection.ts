import { type SQL, sql } from 'drizzle-orm'
import { auditLines } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { causeOf } from '#issues/codes.ts'
import { openIssue } from '#issues/statements.ts'
import { codeOf, type StoredError } from '#db/schema/stored-error.ts'
import type { CrmError } from '#lib/crm-error.ts'

/** What a connection becomes that needs a person: sync is off, and `lastError` says why. */
export function failedConnection(failure: StoredError) {
  return {
    connectionStatus: 'failed',
    connectionCheckedAt: sql`now()`,
    lastError: `${codeOf(failure)}: ${failure.message}`,
    lastFailure: failure,
    syncEnabled: false,
    stoppedBy: sql`case when sync_enabled then 'vendor' else stopped_by end`,
    nextSyncAt: null,
    // A change of the integration that has read sync as on must not switch it on again.
    updatedAt: sql`clock_timestamp()`,
  } as const
}

/** The integration, if an earlier statement of the same transaction has failed its connection. */
const isFailed = (integrationId: string): SQL =>
  sql`i.id = ${integrationId}::uuid and i.connection_status = 'failed' and i.connection_checked_at = now()`

/** Opens the issue of such a connection. */
export function openRefused(integrationId: string, cause: Pick<CrmError, 'kind' | 'reason' | 'params'>): SQL {
  return openIssue({ code: 'connection_refused', params: causeOf(cause) }, isFailed(integrationId))
}

/** Adds the audit's line of such a connection. */
export function auditFailed(context: Pick<Context, 'actor'>, integrationId: string): SQL {
  const subject = sql`select i.business_id, i.id as integration_id from crm_integrations i where ${isFailed(integrationId)}`
  return auditLines(context, { action: 'integration.disabled', changes: ['syncEnabled'] }, subject)
}
