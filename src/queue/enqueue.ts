// The one place that sends to the queue. Runs and inboxes are rows that the cron sweeps, so a message of theirs that is
// not sent costs a minute. A delivery exists only in its message, so its sender has to look at the answer.
import type { Context, QueueMessage, RawDelivery } from '#context.ts'
import { withTimeout } from '#lib/with-timeout.ts'

/** The platform takes no more in one batch. */
const BATCH_MESSAGES_MAX = 100
/** Longer waits are left to the cron sweep, which is at most a minute late: little beside a quarter of an hour. */
const SWEPT_SECONDS_MIN = 15 * 60

interface Sending {
  readonly delaySeconds?: number
  /** How long to wait for the queue's answer; without a limit when left out. */
  readonly timeoutMs?: number
}

export async function enqueueRuns(context: Context, runIds: readonly string[], delaySeconds = 0): Promise<void> {
  const messages = runIds.map((runId) => ({ kind: 'run', runId }) as const)
  if (delaySeconds <= SWEPT_SECONDS_MIN) await send(context, messages, { delaySeconds })
}

/** False: the queue refused, or did not answer in time. */
export async function enqueueInboxes(
  context: Context,
  integrationIds: readonly string[],
  delaySeconds = 0,
  limit: Pick<Sending, 'timeoutMs'> = {},
): Promise<boolean> {
  const messages = integrationIds.map((integrationId) => ({ kind: 'inbox', integrationId }) as const)
  return delaySeconds > SWEPT_SECONDS_MIN || send(context, messages, { ...limit, delaySeconds })
}

/** False: the queue refused, or did not answer in time. */
export async function enqueueDelivery(context: Context, delivery: RawDelivery, sending: Sending): Promise<boolean> {
  return send(context, [delivery], sending)
}

/** False: a batch was refused, or not answered in time. None is sent after it. */
async function send(
  context: Context,
  messages: readonly QueueMessage[],
  { delaySeconds = 0, timeoutMs }: Sending,
): Promise<boolean> {
  for (let start = 0; start < messages.length; start += BATCH_MESSAGES_MAX) {
    const batch = messages.slice(start, start + BATCH_MESSAGES_MAX).map((body) => ({ body }))
    try {
      const sent = context.queue.sendBatch(batch, { delaySeconds: Math.ceil(delaySeconds) })
      if (timeoutMs === undefined) await sent
      else if ((await withTimeout(sent, timeoutMs)) === 'late') throw new Error('no answer in time')
    } catch (error) {
      context.log.warn('queue_send_failed', { error, kind: batch[0]?.body.kind, messages: batch.length })
      return false
    }
  }
  return true
}
