// The queue's consumer. It settles every message itself and never throws: the local queue redelivers acknowledged
// messages when a handler throws. A message is only a nudge; the run's row decides whether there is work.
import * as z from 'zod'
import type { Context } from '#context.ts'
import { buryRun } from '#sync/bury-run.ts'
import { runSlice } from '#sync/run-slice.ts'

const DEAD_LETTER_QUEUE = 'crm-runs-dead'
const RETRY_SECONDS_MAX = 60

const RunMessage = z.strictObject({ kind: z.literal('run'), runId: z.guid() })

/** Runs of one batch work side by side, so a slow vendor does not hold up the others. */
export async function consume(batch: MessageBatch, context: Context): Promise<void> {
  const isDead = batch.queue === DEAD_LETTER_QUEUE
  await Promise.all(batch.messages.map(async (message) => (isDead ? bury(message, context) : work(message, context))))
}

async function work(message: Message, context: Context): Promise<void> {
  const parsed = RunMessage.safeParse(message.body)
  if (!parsed.success) {
    context.log.error('message_unreadable', { messageId: message.id })
    message.ack()
    return
  }
  try {
    await runSlice(context, parsed.data.runId)
    message.ack()
  } catch (error) {
    // The database did not answer. The run keeps its place; this only asks again sooner than the sweep would.
    context.log.error('slice_crashed', { error, runId: parsed.data.runId, attempts: message.attempts })
    message.retry({ delaySeconds: Math.min(2 ** message.attempts, RETRY_SECONDS_MAX) })
  }
}

/** Nothing in the dead-letter queue is silent: it is logged, and its run remembers it. */
async function bury(message: Message, context: Context): Promise<void> {
  const parsed = RunMessage.safeParse(message.body)
  context.log.error('dead_letter', { messageId: message.id, runId: parsed.data?.runId ?? null })
  try {
    if (parsed.success) await buryRun(context, parsed.data.runId)
    message.ack()
  } catch (error) {
    context.log.error('dead_letter_unrecorded', { error, runId: parsed.data?.runId ?? null })
    message.retry({ delaySeconds: RETRY_SECONDS_MAX })
  }
}
