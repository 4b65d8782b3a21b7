// Processes an inbox for a few seconds: reads each object that its deliveries point at once and writes it by the
// statement that writes pages. Deliveries are settled at the end; when a worker dies before, the next one repeats its
// work.
import type { Context } from '#context.ts'
import { connectorOf } from '#crm/registry.ts'
import type { Hint, Session } from '#crm/contract.ts'
import { openSession } from '#connections/session.ts'
import { storedTokenCache } from '#connections/token-cache.ts'
import { enqueueInboxes } from '#queue/enqueue.ts'
import { toCrmError } from '#sync/failure.ts'
import { LIMITS } from '#sync/retry-policy.ts'
import { type Claim, claimInbox, holdInbox, type Settlement, settleInbox, type Worked } from '#webhooks/inbox.ts'
import { refetch, type Outcome } from '#webhooks/refetch-objects.ts'
import { requestRescan } from '#webhooks/rescan.ts'
import { reasonOf, storedReason } from '#webhooks/reasons.ts'
import { toTasks } from '#webhooks/tasks.ts'

/** Throws only when the database cannot be reached: the message should then come again. */
export async function workInbox(parent: Context, integrationId: string): Promise<void> {
  const claim = await claimInbox(parent, integrationId)
  if (!claim) return
  const context = { ...parent, log: parent.log.child({ integrationId, inbox: claim.deliveries.length }) }
  const startedAt = context.clock.now().getTime()
  const worked = await holdInbox(context, integrationId, processClaim(context, claim))
  const { settlements, pauseSeconds } = worked
  const next = await settleInbox(context, claim, worked)
  const ms = context.clock.now().getTime() - startedAt
  context.log.info('inbox_worked', { ...countsOf(claim, settlements), pauseSeconds, ms })
  if (next !== null) await enqueueInboxes(context, [integrationId], next)
}

async function processClaim(context: Context, claim: Claim): Promise<Worked> {
  const { integration, deliveries } = claim
  if (integration.isStopped) return allFailed(claim, storedReason('connection_failed', null))
  const poison = deliveries.filter(({ attempts }) => attempts > LIMITS.attemptsMax.hooks)
  const lost: [string, Settlement][] = poison.map(({ id }) => [
    id,
    { status: 'failed', reason: storedReason('worker_lost', null) },
  ])
  let session: Session<unknown>
  try {
    const tokenCache = storedTokenCache(context, integration, integration.sessionToken)
    session = await openSession(context, integration, { tokenCache, lane: 'hooks' })
  } catch (error) {
    return allFailed(claim, reasonOf(toCrmError(error)))
  }
  const rest = { ...claim, deliveries: deliveries.filter((delivery) => !poison.includes(delivery)) }
  const connector = connectorOf(integration.crmType)
  const tasks = toTasks(rest, connector.webhook, session)
  const rescans = await requestRescan(context, integration.id, tasks)
  const refetched = await refetch(context, { claim: rest, connector, session, tasks: tasks.objects })
  const settlements = new Map([...lost, ...tasks.settled, ...rescans])
  const left = new Set<Hint>()
  for (const delivery of rest.deliveries) {
    const own = tasks.objects.filter((task) => task.deliveries.includes(delivery))
    const untried = own.filter((task) => (refetched.outcomes.get(task) ?? UNTRIED).status === 'untried')
    // A delivery too large for a slice is split: unread objects become rechecks. A delivery whose body carries its
    // objects stays whole, unless a slice of its own was not enough.
    const isSplit =
      untried.length < own.length && (refetched.isOutOfTime || untried.every(({ carried }) => carried.length === 0))
    if (isSplit) untried.forEach(({ hint }) => left.add(hint))
    const outcomes = own.flatMap((task) =>
      isSplit && untried.includes(task) ? [] : [refetched.outcomes.get(task) ?? UNTRIED],
    )
    const rescan = rescans.get(delivery.id)
    if (outcomes.length > 0) settlements.set(delivery.id, settlementOf(rescan ? [...outcomes, rescan] : outcomes))
  }
  const reads = [...refetched.outcomes.values()].filter(({ status }) => status !== 'untried').length
  return { settlements, pauseSeconds: refetched.pauseSeconds, left: [...left], reads }
}

const UNTRIED: Outcome = { status: 'untried' }

/** From the outcomes of all objects that a delivery points at: it is over when all of them are. */
function settlementOf(outcomes: readonly Outcome[]): Settlement {
  const later = outcomes.flatMap((outcome) => (outcome.status === 'later' ? [outcome.seconds] : []))
  if (later.length > 0) return { status: 'later', seconds: Math.max(...later) }
  return (
    outcomes.find(({ status }) => status === 'untried') ??
    outcomes.find(({ status }) => status === 'waits') ??
    outcomes.find(({ status }) => status === 'failed') ??
    outcomes.find((outcome) => outcome.status === 'done' && outcome.reason !== null) ?? { status: 'done', reason: null }
  )
}

function allFailed({ deliveries }: Claim, reason: string): Worked {
  const settlements = new Map<string, Settlement>(deliveries.map(({ id }) => [id, { status: 'failed', reason }]))
  return { settlements, pauseSeconds: 0, left: [], reads: 0 }
}

function countsOf({ deliveries }: Claim, settlements: ReadonlyMap<string, Settlement>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { id } of deliveries) {
    const status = settlements.get(id)?.status ?? 'untried'
    counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}
