import type { CrmType } from '#lib/crm-types.ts'
import { describeError, type NextTry } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import { isOverloaded } from '#db/errors.ts'
import type { StoredError } from '#db/schema/stored-error.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { TakenRun } from '#sync/take-run.ts'

/** Anything thrown, as one of the closed kinds: `internal` where no connector gave it a kind. */
export function toCrmError(error: unknown): CrmError {
  if (error instanceof CrmError) return error
  return isOverloaded(error)
    ? new CrmError('unavailable', { reason: 'overloaded', cause: error })
    : new CrmError('internal', { cause: error })
}

/** The error as a run stores it: kind, reason and the sentence for a person, which says when the next try is. */
export function storedError(crmType: CrmType, error: CrmError, next: NextTry | null): StoredError {
  const { kind, reason, params } = error
  const { en, ru } = describeError({ kind, reason, params }, connectorOf(crmType).messages, next)
  return { kind, reason, params, message: en, messageRu: ru }
}

/**
 * The next try after a run has failed: the next scheduled run, or the next manual one where sync is off. Null: a file
 * that a person sent, which is never tried again.
 */
export function nextAfterFailure(run: TakenRun): NextTry | null {
  if (run.trigger === 'import') return null
  return { when: run.integration.syncEnabled && !run.isBulk ? 'schedule' : 'manual' }
}
