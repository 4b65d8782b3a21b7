// The cron tick. Each part is one procedure, repeated while there is more than one call takes. A tick only sends
// messages, since it has 30 s of CPU time. It may come twice or not at all.
import type { Context } from '#context.ts'
import { CLAIM_MAX, claimDue } from '#jobs/claim-due.ts'
import { clearStaged } from '#checks/clear-staged.ts'
import { claimable, graceSeconds } from '#jobs/claim-policy.ts'
import { enqueueAlone, enqueueInboxes, enqueueRuns } from '#queue/enqueue.ts'
import { countTick } from '#jobs/count-tick.ts'
import { raiseAlarms } from '#health/raise-alarms.ts'
import { continueRemovals } from '#integrations/remove-rows.ts'
import { advanceDue } from '#marketplace/steps.ts'
import { sweepRetests } from '#retests/work.ts'
import { overdueInboxes } from '#webhooks/inbox.ts'

/**
 * Claims side by side once the first one was full. The queue takes 5,000 messages a second, and four claims with their
 * messages send some 3,000: a tick claims for a quarter of a million integrations at 5 minutes in 15 s.
 */
const CLAIMS_AT_ONCE = 4
/** Leaves the last calls 40 s before the next tick starts. */
const TICK_MS = 20_000

/** Sends due runs again that no worker holds: a message was lost, a wait is over, or a worker died. */
export async function sweepRuns(context: Context, grace = graceSeconds(0)): Promise<number> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const [[swept]] = (await context.db.call('call sweep_runs($1, $2, null)', [CLAIM_MAX, grace])) as [
    [readonly (readonly [runId: string, isAlone: boolean])[]],
  ]
  const alone = swept.filter(([, isAlone]) => isAlone)
  await Promise.all([
    enqueueRuns(
      context,
      swept.flatMap(([runId, isAlone]) => (isAlone ? [] : [runId])),
    ),
    enqueueAlone(
      context,
      alone.map(([runId]) => ({ runId, delaySeconds: 0 })),
    ),
  ])
  return swept.length
}

/** Claims at most so many: one call, and while calls are full several side by side. */
async function claimAll(context: Context, allowed: number): Promise<number> {
  const startedAt = context.clock.now().getTime()
  let total = 0
  for (let atOnce = 1; total < allowed; atOnce = CLAIMS_AT_ONCE) {
    const sizes = Array.from({ length: atOnce }, (_, index) =>
      Math.min(CLAIM_MAX, allowed - total - index * CLAIM_MAX),
    ).filter((size) => size > 0)
    const counts = await Promise.all(sizes.map(async (size) => claimDue(context, size)))
    total += counts.reduce((sum, count) => sum + count, 0)
    const isFull = counts.every((count, index) => count === sizes[index])
    if (!isFull || context.clock.now().getTime() - startedAt > TICK_MS) break
  }
  return total
}

async function sweepAll(context: Context, grace: number): Promise<number> {
  const startedAt = context.clock.now().getTime()
  let total = 0
  for (;;) {
    const swept = await sweepRuns(context, grace)
    total += swept
    if (swept < CLAIM_MAX || context.clock.now().getTime() - startedAt > TICK_MS) return total
  }
}

/** Sends again for due inboxes that no worker holds. */
export async function sweepInboxes(context: Context): Promise<number> {
  const integrationIds = await overdueInboxes(context)
  await enqueueInboxes(context, integrationIds)
  return integrationIds.length
}

/** Messages that wait in the live queue. Where it does not say, the cron claims: the rows then wait for the sweep. */
async function backlogOf({ queues, log }: Context): Promise<number> {
  try {
    return (await queues.live.metrics()).backlogCount
  } catch (error) {
    log.warn('queue_metrics_failed', { error })
    return 0
  }
}

/** One cron tick. It tries all parts even when one fails, and throws the first failure. */
export async function runCron(context: Context): Promise<void> {
  const startedAt = context.clock.now().getTime()
  const backlog = await backlogOf(context)
  const parts = await Promise.allSettled([
    claimAll(context, claimable(backlog)),
    sweepAll(context, graceSeconds(backlog)),
    sweepInboxes(context),
    continueRemovals(context),
    raiseAlarms(context),
    advanceDue(context),
    sweepRetests(context),
    clearStaged(context),
  ])
  const failed = parts.find((part) => part.status === 'rejected')
  const [claimed, swept, inboxes, removed, alarms, installs, retests, staged] = parts.map((part) =>
    part.status === 'fulfilled' ? part.value : null,
  )
  const ms = context.clock.now().getTime() - startedAt
  context.log.info('cron', { claimed, swept, inboxes, removed, alarms, installs, retests, staged, backlog, ms })
  await countTick(context, { claimed: claimed ?? 0, swept: swept ?? 0, inboxes: inboxes ?? 0 })
  if (failed) throw failed.reason
}
