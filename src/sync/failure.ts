import type { CrmType } from '#crm/contract.ts'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import type { StoredError } from '#db/schema/sync-runs.ts'
import { CrmError } from '#lib/crm-error.ts'

/** Whatever was thrown as one of the closed kinds; what no connector foresaw is `internal`. */
export function toCrmError(error: unknown): CrmError {
  return error instanceof CrmError ? error : new CrmError('internal', { cause: error })
}

/** The error as a run keeps it: its kind and cause, and the sentence for people in English. */
export function storedError(crmType: CrmType, error: CrmError): StoredError {
  const { kind, reason, params } = error
  return { kind, reason, params, message: describeError({ kind, reason, params }, connectorOf(crmType).messages).en }
}
