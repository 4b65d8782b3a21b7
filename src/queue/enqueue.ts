// The one place that sends to the queues. Runs, inboxes and events are rows that the cron sweeps, so a message of
// theirs that is not sent costs a minute. A delivery exists only in its message, so its sender has to look at the
// answer.
import type { Context, Lane, QueueMessage, RawDelivery } from '#context.ts'
import { withTimeout } from '#lib/with-timeout.ts'
import { type DelayedRun, RUNS_A_MESSAGE, toMessages } from '#queue/messages.ts'

/** The platform takes no more in one batch. */
const BATCH_MESSAGES_MAX = 100
/** Longer waits are left to the cron sweep, which is at most a minute late: little beside a quarter of an hour. */
const SWEPT_SECONDS_MIN = 15 * 60

interface Sending {
  readonly delaySeconds?: number
  /** How long to wait for the queue's answer; without a limit when left out. */
  readonly timeoutMs?: number
}

/** Of any kind: a run that has to be worked on alone is sent on by the consumer. */
export async function enqueueRuns(context: Context, runIds: readonly string[], delaySeconds = 0): Promise<void> {
  if (delaySeconds > SWEPT_SECONDS_MIN) return
  await enqueueDelayedRuns(
    context,
    runIds.map((runId) => ({ runId, delaySeconds: Math.ceil(delaySeconds) })),
  )
}

export async function enqueueDelayedRuns(context: Context, runs: readonly DelayedRun[]): Promise<void> {
  await sendRuns(context, 'live', runs)
}

/** For runs that are worked on alone: one in a message, and one message in a batch. */
export async function enqueueAlone(context: Context, runs: readonly DelayedRun[]): Promise<void> {
  await sendRuns(context, 'bulk', runs)
}

async function sendRuns(context: Context, lane: 'live' | 'bulk', runs: readonly DelayedRun[]): Promise<void> {
  const messages = toMessages(runs, lane === 'live' ? RUNS_A_MESSAGE : 1).map(({ runIds, delaySeconds }) => {
    return { body: { kind: 'runs', runIds } as const, delaySeconds }
  })
  await send(context, lane, messages)
}

/** False: the queue refused, or did not answer in time. */
export async function enqueueInboxes(
  context: Context,
  integrationIds: readonly string[],
  delaySeconds = 0,
  limit: Pick<Sending, 'timeoutMs'> = {},
): Promise<boolean> {
  if (delaySeconds > SWEPT_SECONDS_MIN) return true
  const messages = integrationIds.map((integrationId) => {
    return { body: { kind: 'inbox', integrationId } as const, delaySeconds: Math.ceil(delaySeconds) }
  })
  return send(context, 'hooks', messages, limit.timeoutMs)
}

interface RetestItem {
  readonly integration_id: string
  /** Seconds until it is due. */
  readonly wait: number
}

/** Tests of connections, which nobody waits for. */
export async function enqueueRetests(context: Context, retestId: string, items: readonly RetestItem[]): Promise<void> {
  const messages = items
    .filter(({ wait }) => wait <= SWEPT_SECONDS_MIN)
    .map(({ integration_id: integrationId, wait }) => {
      return { body: { kind: 'retest', retestId, integrationId } as const, delaySeconds: wait }
    })
  await send(context, 'bulk', messages)
}

/** False: the queue refused, or did not answer in time. */
export async function enqueueDelivery(context: Context, delivery: RawDelivery, sending: Sending): Promise<boolean> {
  const delaySeconds = Math.ceil(sending.delaySeconds ?? 0)
  return send(context, 'hooks', [{ body: delivery, delaySeconds }], sending.timeoutMs)
}

export async function enqueueEndpoints(context: Context, endpointIds: readonly string[]): Promise<void> {
  const messages = endpointIds.map((endpointId) => {
    return { body: { kind: 'endpoint', endpointId } as const, delaySeconds: 0 }
  })
  await send(context, 'events', messages)
}

interface DelayedMessage {
  readonly body: QueueMessage
  readonly delaySeconds: number
}

/** Batches are sent side by side. False: one of them was refused, or not answered in time. */
async function send(
  context: Context,
  lane: Lane,
  messages: readonly DelayedMessage[],
  timeoutMs?: number,
): Promise<boolean> {
  const batches = Array.from({ length: Math.ceil(messages.length / BATCH_MESSAGES_MAX) }, async (_, index) => {
    const batch = messages.slice(index * BATCH_MESSAGES_MAX, (index + 1) * BATCH_MESSAGES_MAX)
    try {
      const sent = context.queues[lane].sendBatch(batch)
      if (timeoutMs === undefined) await sent
      else if ((await withTimeout(sent, timeoutMs)) === 'late') throw new Error('no answer in time')
      return true
    } catch (error) {
      context.log.warn('queue_send_failed', { error, lane, kind: batch[0]?.body.kind, messages: batch.length })
      return false
    }
  })
  return (await Promise.all(batches)).every(Boolean)
}
