// Delivers what waits for one endpoint. One worker at a time holds an endpoint, and each endpoint has an invocation of
// its own, so one that is slow or dead delays no other. What was sent and not stored is sent again: at least once.
import type { Context } from '#context.ts'
import { bytesOf } from '#db/bytea.ts'
import { openSecrets } from '#events/endpoint-secret.ts'
import { bodyOf, type OutboxRow } from '#events/render.ts'
import { type Answer, sendEvent } from '#events/send.ts'
import { issueRow } from '#issues/statements.ts'

/**
 * Pauses before the next attempts, in seconds: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h. As in the schedule that
 * Standard Webhooks recommends, it bridges a night.
 */
const RETRY_SECONDS = [5, 300, 1800, 7200, 18_000, 36_000, 36_000] as const
/** An endpoint that took nothing for so long is switched off. */
const FAILING_DAYS = 5
/** Of its 6 connections an invocation keeps one for the database. */
const AT_ONCE = 5
/** Ten rounds: the round trip to the database between them costs little beside. */
const TAKEN_MAX = 50
/** With an attempt of 15 s and what stores it, less than the 30 s that the platform gives work after an answer. */
const SLICE_MS = 12_000
const LEASE_SECONDS = 60
/** An endpoint of which so many attempts in a row failed is left alone for a minute. */
const FAILURES_MAX = 5
const PAUSE_SECONDS = 60

/** An outcome as the procedure takes it. */
interface Settled extends Pick<Answer, 'status' | 'body' | 'ms' | 'error'> {
  readonly id: string
  /** This one included. */
  readonly attempts: number
  readonly is_delivered: boolean
}

/** What the procedure answers. */
interface Taken {
  readonly url: string
  readonly businessId: string | null
  readonly secret: string
  readonly formerSecret: string | null
  readonly deliveries: readonly TakenDelivery[]
}

interface TakenDelivery extends OutboxRow {
  readonly id: string
  /** Those before. */
  readonly attempts: number
}

interface Target {
  readonly url: string
  /** Null: none can be opened. */
  readonly secrets: readonly string[] | null
}

export async function workEndpoint(context: Context, endpointId: string): Promise<void> {
  const startedAt = context.clock.now().getTime()
  const isLate = () => context.clock.now().getTime() - startedAt > SLICE_MS
  const holder = crypto.randomUUID()
  let [settled, failures, delivered]: [Settled[], number, number] = [[], 0, 0]
  for (;;) {
    const pauseSeconds = failures >= FAILURES_MAX ? PAUSE_SECONDS : 0
    const taken = await settle(context, {
      endpointId,
      holder,
      settled,
      takenMax: isLate() ? 0 : TAKEN_MAX,
      pauseSeconds,
    })
    if (!taken) break
    const target = await openTarget(context, endpointId, taken)
    settled = []
    for (let at = 0; at < taken.deliveries.length && failures < FAILURES_MAX && !isLate(); at += AT_ONCE) {
      const round = taken.deliveries.slice(at, at + AT_ONCE)
      const results = await Promise.all(round.map(async (delivery) => attempt(context, target, delivery)))
      settled.push(...results)
      const taking = results.filter((result) => result.is_delivered).length
      delivered += taking
      failures = taking > 0 ? 0 : failures + results.length
    }
  }
  context.log.info('endpoint_worked', {
    endpointId,
    delivered,
    failures,
    ms: context.clock.now().getTime() - startedAt,
  })
}

async function openTarget(context: Context, endpointId: string, taken: Taken): Promise<Target> {
  const owner = { id: endpointId, businessId: taken.businessId }
  const sealed = { present: bytesOf(taken.secret), former: bytesOf(taken.formerSecret) }
  return { url: taken.url, secrets: await openSecrets(context, owner, sealed) }
}

export async function attempt(context: Context, { url, secrets }: Target, delivery: TakenDelivery): Promise<Settled> {
  const { isDelivered, ...answer } = await sendEvent(context, {
    ...{ url, secrets, id: delivery.id },
    body: bodyOf(delivery),
  })
  return { ...answer, id: delivery.id, attempts: delivery.attempts + 1, is_delivered: isDelivered }
}

interface Settling {
  readonly endpointId: string
  readonly holder: string
  readonly settled: readonly Settled[]
  readonly takenMax: number
  readonly pauseSeconds: number
}

/** Stores outcomes and takes what is next. Null: there is nothing, or another worker holds the endpoint. */
export async function settle(context: Context, settling: Settling): Promise<Taken | null> {
  const { endpointId, holder, settled, takenMax, pauseSeconds } = settling
  const { severity, whose_turn: turn, code } = issueRow({ code: 'endpoint_disabled' })
  const params = [
    ...[endpointId, holder, LEASE_SECONDS, takenMax, JSON.stringify(settled), `{${RETRY_SECONDS.join(',')}}`],
    ...[pauseSeconds, FAILING_DAYS, JSON.stringify({ code, severity, whose_turn: turn })],
  ]
  const [[taken] = []] = await context.db.call('call work_endpoint($1, $2, $3, $4, $5, $6, $7, $8, $9, null)', params)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  return (taken ?? null) as Taken | null
}
