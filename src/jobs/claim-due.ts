import type { Context } from '#context.ts'
import { CLAIM_AHEAD_SECONDS } from '#jobs/claim-policy.ts'
import { enqueueDelayedRuns } from '#queue/enqueue.ts'

/**
 * Rows of one call. bench/claim.ts measures a claim of this size. Ten times as many would hold their rows' locks for as
 * much longer; a tenth would take ten times the round trips.
 */
export const CLAIM_MAX = 1000

interface Claimed {
  readonly due: number
  readonly runs: readonly (readonly [runId: string, delaySeconds: number])[]
}

/**
 * Opens a run for each of so many integrations that are due before the next tick, and sends its message with its own
 * delay. An integration whose live run is still active gets none. Returns how many were due.
 */
export async function claimDue(context: Context, claimMax = CLAIM_MAX): Promise<number> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const [[{ due, runs }]] = (await context.db.call('call claim_due($1, $2, null)', [
    claimMax,
    CLAIM_AHEAD_SECONDS,
  ])) as [[Claimed]]
  await enqueueDelayedRuns(
    context,
    runs.map(([runId, delaySeconds]) => ({ runId, delaySeconds })),
  )
  return due
}
