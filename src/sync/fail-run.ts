// What becomes of a run whose slice failed: it waits for its next try, or ends.
import type { Context } from '#context.ts'
import type { NextTry } from '#crm/messages.ts'
import { CrmError } from '#lib/crm-error.ts'
import { holds, waitRun } from '#sync/end-slice.ts'
import { nextAfterFailure, storedError, toCrmError } from '#sync/failure.ts'
import { finishRun } from '#sync/finish-run.ts'
import { rememberRefusal } from '#sync/passing-refusal.ts'
import { decide, type Decision, LIMITS } from '#sync/retry-policy.ts'
import type { Findings } from '#sync/run-issues.ts'
import type { TakenRun } from '#sync/take-run.ts'

interface FailedSlice {
  /** It has committed a page before. */
  readonly isCommitted: boolean
  readonly findings: Findings
}

export async function failRun(context: Context, run: TakenRun, slice: FailedSlice, cause: unknown): Promise<string> {
  const error = toCrmError(cause)
  const ended = await endFailed(context, run, slice, error)
  if (ended !== 'vendor_trouble') return ended
  context.log.warn('vendor_trouble', { crmType: run.integration.crmType, kind: error.kind, reason: error.reason })
  return endFailed(context, run, slice, new CrmError('unavailable', { reason: 'refuses_many', cause: error }))
}

async function endFailed(context: Context, run: TakenRun, slice: FailedSlice, error: CrmError): Promise<string> {
  const { isCommitted, findings } = slice
  const state = {
    attempt: isCommitted ? 0 : Math.min(run.attempt, LIMITS.retriesMax.runs),
    ageSeconds: run.ageSeconds,
    refusedSeconds: error.mayPass
      ? await rememberRefusal(context, error, { isOurs: holds(run), isNew: isCommitted })
      : 0,
  }
  const decision = decide('runs', error, state, {
    baseSeconds: context.config.retryBaseSeconds,
    random: context.random(),
  })
  context.log.warn('page_failed', { kind: error.kind, reason: error.reason, action: decision.action, error })
  const stored = storedError(run.integration.crmType, error, nextTry(run, error, decision))
  if (decision.action === 'wait') {
    const { seconds, countsAsRetry } = decision
    await waitRun(context, run, { seconds, countsAsRetry, error: stored }, findings)
    return 'waiting'
  }
  const { turnsSyncOff } = decision
  const ending = { status: 'failed', error: stored, turnsSyncOff, mayPass: error.mayPass } as const
  const finished = await finishRun(context, run, ending, findings)
  return finished === 'vendor_trouble' ? finished : 'failed'
}

function nextTry(run: TakenRun, error: CrmError, decision: Decision): NextTry | null {
  if (decision.action === 'wait') return { when: 'wait', seconds: decision.seconds }
  // A check leaves the connection as it is: the next sync finds out by itself.
  if (decision.turnsSyncOff && run.task !== 'check') return { when: 'stopped' }
  if (error.reason === 'brake') return { when: 'confirmed' }
  return nextAfterFailure(run)
}
