// What happens to a run when a page fails, as data: contract.md section 6. Pure; the engine applies it.
import type { CrmError, CrmErrorKind } from '#lib/crm-error.ts'

export const RETRIES_MAX = 3
const BACKOFF_FACTOR = 4
const JITTER = 0.2
const RUN_AGE_MAX_SECONDS = 24 * 3600
const THROTTLE_DEFAULT_SECONDS = 60

type Rule =
  /** Tried again, at most RETRIES_MAX times since the last committed page. */
  | 'retry'
  /** As long as the vendor says; does not count as a retry. */
  | 'wait'
  /** Trying again would only burn the quota or lock the account: sync is turned off until a person has acted. */
  | 'stop'
  /** At once, with sync left on: a person has to look, and another try would only come to the same. */
  | 'fail'

const RULES: Readonly<Record<CrmErrorKind, Rule>> = {
  auth: 'stop',
  forbidden: 'stop',
  not_found: 'retry',
  rate_limited: 'wait',
  unavailable: 'retry',
  rejected: 'retry',
  malformed: 'retry',
  internal: 'retry',
}

/** Where the cause says more than the kind. */
const REASON_RULES: Readonly<Record<string, Rule>> = { brake: 'fail' }

export interface FailedRun {
  /** Retries used since the last committed page. */
  readonly attempt: number
  readonly ageSeconds: number
}

export type Decision =
  | { readonly action: 'wait'; readonly seconds: number; readonly countsAsRetry: boolean }
  | { readonly action: 'fail'; readonly turnsSyncOff: boolean }

/** Seconds before retry `n` (1, 2, 3 …): base × 4ⁿ⁻¹, ±20 %. `random` is 0 ≤ x < 1. */
export function backoffSeconds(n: number, baseSeconds: number, random: number): number {
  return baseSeconds * BACKOFF_FACTOR ** (n - 1) * (1 - JITTER + 2 * JITTER * random)
}

export function decide(
  error: Pick<CrmError, 'kind' | 'reason' | 'retryAfterMs'> & Partial<Pick<CrmError, 'isFinal'>>,
  run: FailedRun,
  pace: { readonly baseSeconds: number; readonly random: number },
): Decision {
  const rule = error.isFinal ? 'fail' : (error.reason !== null && REASON_RULES[error.reason]) || RULES[error.kind]
  if (rule === 'stop') return { action: 'fail', turnsSyncOff: true }
  if (rule === 'fail') return { action: 'fail', turnsSyncOff: false }
  if (rule === 'wait') {
    const seconds = error.retryAfterMs === null ? THROTTLE_DEFAULT_SECONDS : error.retryAfterMs / 1000
    if (run.ageSeconds + seconds > RUN_AGE_MAX_SECONDS) return { action: 'fail', turnsSyncOff: false }
    return { action: 'wait', seconds, countsAsRetry: false }
  }
  if (run.attempt >= RETRIES_MAX) return { action: 'fail', turnsSyncOff: false }
  return {
    action: 'wait',
    seconds: backoffSeconds(run.attempt + 1, pace.baseSeconds, pace.random),
    countsAsRetry: true,
  }
}
