import type { Context, QueueMessage } from '#context.ts'

const BATCH_MESSAGES_MAX = 100
/** Longer waits are left to the cron sweep, which goes by `resume_at`. */
const DELAY_SECONDS_MAX = 15 * 60

/**
 * Sends runs to the queue. The run's row is the truth and is swept by the cron, so a queue that refuses costs a minute
 * and is only logged.
 */
export async function enqueueRuns(context: Context, runIds: readonly string[], delaySeconds = 0): Promise<void> {
  if (delaySeconds > DELAY_SECONDS_MAX) return
  const delay = { delaySeconds: Math.ceil(delaySeconds) }
  for (let start = 0; start < runIds.length; start += BATCH_MESSAGES_MAX) {
    const bodies = runIds.slice(start, start + BATCH_MESSAGES_MAX).map((runId): { body: QueueMessage } => ({
      body: { kind: 'run', runId },
    }))
    try {
      await context.queue.sendBatch(bodies, delay)
    } catch (error) {
      context.log.warn('queue_send_failed', { error, runs: bodies.length })
      return
    }
  }
}

/** Asks for inboxes to be worked off. Their rows are the truth and are swept, as with runs. False: the queue refused. */
export async function enqueueInboxes(
  context: Context,
  integrationIds: readonly string[],
  delaySeconds = 0,
): Promise<boolean> {
  if (delaySeconds > DELAY_SECONDS_MAX) return true
  const delay = { delaySeconds: Math.ceil(delaySeconds) }
  for (let start = 0; start < integrationIds.length; start += BATCH_MESSAGES_MAX) {
    const bodies = integrationIds
      .slice(start, start + BATCH_MESSAGES_MAX)
      .map((integrationId): { body: QueueMessage } => ({ body: { kind: 'inbox', integrationId } }))
    try {
      await context.queue.sendBatch(bodies, delay)
    } catch (error) {
      context.log.warn('queue_send_failed', { error, inboxes: bodies.length })
      return false
    }
  }
  return true
}
