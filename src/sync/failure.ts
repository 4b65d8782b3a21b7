import type { CrmType } from '#lib/crm-types.ts'
import { describeError, type NextTry } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import type { StoredError } from '#db/schema/sync-runs.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { TakenRun } from '#sync/take-run.ts'

/** Whatever was thrown as one of the closed kinds; what no connector foresaw is `internal`. */
export function toCrmError(error: unknown): CrmError {
  return error instanceof CrmError ? error : new CrmError('internal', { cause: error })
}

/** The error as a run keeps it: its kind and cause, and what a person reads, with when the next try is. */
export function storedError(crmType: CrmType, error: CrmError, next: NextTry): StoredError {
  const { kind, reason, params } = error
  const { en, ru } = describeError({ kind, reason, params }, connectorOf(crmType).messages, next)
  return { kind, reason, params, message: en, messageRu: ru }
}

/** After a run has failed: by itself where the schedule goes on, else when somebody asks. */
export function nextAfterFailure(run: TakenRun): NextTry {
  return { when: run.integration.syncEnabled && !run.isBulk ? 'schedule' : 'asked' }
}
