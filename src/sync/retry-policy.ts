// What happens when the CRM or we fail: to a run, and to an object that a hook points at. One table for both, as data.
// Pure: sync/run-slice.ts applies the column of runs, webhooks/refetch-objects.ts the column of hooks.
import type { CrmError, CrmErrorKind } from '#lib/crm-error.ts'

type Rule =
  /** Tried again after a backoff, `retriesMax` times. A run waits as a whole; of an inbox only the object waits. */
  | 'retry'
  /** As `retry`, and meanwhile nothing else of the inbox is asked. */
  | 'pause'
  /** Waits as long as the CRM says, and that counts as no retry. Nothing else of the inbox is asked. */
  | 'wait'
  /** Fails at once and switches sync off until a person has acted: a retry would burn the quota or lock the account. */
  | 'stop'
  /** Fails at once and leaves sync on: a retry would end the same way. */
  | 'fail'

type Same = { readonly [R in Rule]: { readonly runs: R; readonly hooks: R } }[Rule]
/** A difference without its reason does not compile. */
type Different = { readonly runs: Rule; readonly hooks: Rule; readonly why: string }

export const RULES: Readonly<Record<CrmErrorKind, Same | Different>> = {
  auth: { runs: 'stop', hooks: 'stop' },
  forbidden: {
    runs: 'stop',
    hooks: 'fail',
    why: 'A run that may not list sales reads nothing; a hook may name the one object that the key may not see.',
  },
  not_found: { runs: 'retry', hooks: 'retry' },
  rate_limited: { runs: 'wait', hooks: 'wait' },
  unavailable: {
    runs: 'retry',
    hooks: 'pause',
    why: 'A run waits as a whole anyway; the other objects of an inbox would go on hammering a CRM in trouble.',
  },
  rejected: { runs: 'retry', hooks: 'retry' },
  malformed: { runs: 'retry', hooks: 'retry' },
  internal: { runs: 'retry', hooks: 'retry' },
}

interface Limit {
  readonly runs: number
  readonly hooks: number
  readonly why: string
}

export const LIMITS = {
  /** Of a run since its last committed page, of a hook since it arrived. */
  retriesMax: {
    runs: 3,
    hooks: 4,
    why: 'Three retries span 10 minutes, then the schedule starts a fresh run; a hook has none, and four span 42.',
  },
  /** Workers that died included. */
  attemptsMax: {
    runs: 3,
    hooks: 12,
    why: 'The death of a worker counts for each delivery that it had, so the limit is well above their 5 tries.',
  },
  /** A wait that the CRM asks for must end before this age. */
  ageSecondsMax: {
    runs: 24 * 3600,
    hooks: Infinity,
    why: 'A run that waits longer than a day keeps a fresh one from starting; a delivery keeps nothing from starting.',
  },
} as const satisfies Readonly<Record<string, Limit>>

/**
 * Hooks only: some CRMs show an object seconds after its hook. After half a minute the next sync is left to find it.
 */
export const NOT_SHOWN_SECONDS: readonly number[] = [2, 4, 8, 20]

/**
 * A refusal that may pass stops sync only when it is still there after this time: the reloads, repairs of a vendor and
 * late payments that are behind most of them end sooner.
 */
const PASSING_SECONDS = 15 * 60

/** 30 s, 2 min, 8 min, 32 min: short for a hiccup, long for an outage. */
const BACKOFF_FACTOR = 4
/** Spreads the retries of integrations that failed together. */
const JITTER = 0.2
/** Where a throttling CRM names no time: most count requests by the minute. */
const THROTTLE_DEFAULT_SECONDS = 60

interface Failed {
  /** Retries used. */
  readonly attempt: number
  readonly ageSeconds: number
  /** For how long a refusal that may pass has been there. */
  readonly refusedSeconds?: number
}

export type Decision =
  | {
      readonly action: 'wait'
      readonly seconds: number
      readonly countsAsRetry: boolean
      /** Nothing else of the inbox is asked meanwhile; runs wait as a whole. */
      readonly pausesInbox: boolean
    }
  | { readonly action: 'fail'; readonly turnsSyncOff: boolean }

/** Seconds before retry `n` (1, 2, 3 …): base × 4ⁿ⁻¹, ±20 %. `random` is 0 ≤ x < 1. */
export function backoffSeconds(n: number, baseSeconds: number, random: number): number {
  return baseSeconds * BACKOFF_FACTOR ** (n - 1) * (1 - JITTER + 2 * JITTER * random)
}

export function decide(
  column: 'runs' | 'hooks',
  error: Pick<CrmError, 'kind' | 'reason' | 'retryAfterMs' | 'isFinal' | 'mayPass'>,
  { attempt, ageSeconds, refusedSeconds = 0 }: Failed,
  pace: { readonly baseSeconds: number; readonly random: number },
): Decision {
  // Only a person can release the brake, and only runs meet it.
  const rule = error.isFinal || error.reason === 'brake' ? 'fail' : ruleOf(column, error)
  if (rule === 'stop' || rule === 'fail') return { action: 'fail', turnsSyncOff: rule === 'stop' }
  if (rule === 'wait') {
    const seconds = error.retryAfterMs === null ? THROTTLE_DEFAULT_SECONDS : error.retryAfterMs / 1000
    if (ageSeconds + seconds > LIMITS.ageSecondsMax[column]) return { action: 'fail', turnsSyncOff: false }
    return { action: 'wait', seconds, countsAsRetry: false, pausesInbox: true }
  }
  if (attempt >= LIMITS.retriesMax[column])
    return { action: 'fail', turnsSyncOff: error.mayPass && refusedSeconds >= PASSING_SECONDS }
  const seconds = backoffSeconds(attempt + 1, pace.baseSeconds, pace.random)
  return { action: 'wait', seconds, countsAsRetry: true, pausesInbox: rule === 'pause' }
}

/** A refusal that may pass is tried again like a CRM that does not answer, whatever its kind. */
function ruleOf(column: 'runs' | 'hooks', { kind, mayPass }: Pick<CrmError, 'kind' | 'mayPass'>): Rule {
  return RULES[mayPass && kind !== 'rate_limited' ? 'unavailable' : kind][column]
}
