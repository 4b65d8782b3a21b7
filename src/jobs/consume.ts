// The queue's consumer. It settles every message itself and never throws: the local queue redelivers acknowledged
// messages when a handler throws. A message is only a nudge; the run's row decides whether there is work.
import * as z from 'zod'
import type { Context, QueueMessage } from '#context.ts'
import { recordDeadLetter } from '#jobs/record-dead-letter.ts'
import { runSlice } from '#sync/run-slice.ts'
import { RawDeliveryMessage, storeFromQueue } from '#webhooks/raw-delivery.ts'
import { workInbox } from '#webhooks/work-inbox.ts'

const DEAD_LETTER_QUEUE = 'crm-runs-dead'
const RETRY_SECONDS_MAX = 60

const KnownMessage: z.ZodType<QueueMessage> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('run'), runId: z.guid() }),
  z.strictObject({ kind: z.literal('inbox'), integrationId: z.guid() }),
  RawDeliveryMessage,
])

/** Runs of one batch work side by side, so a slow vendor does not hold up the others. */
export async function consume(batch: MessageBatch, context: Context): Promise<void> {
  const isDead = batch.queue === DEAD_LETTER_QUEUE
  await Promise.all(batch.messages.map(async (message) => (isDead ? bury(message, context) : work(message, context))))
}

async function work(message: Message, context: Context): Promise<void> {
  const parsed = KnownMessage.safeParse(message.body)
  if (!parsed.success) {
    context.log.error('message_unreadable', { messageId: message.id })
    message.ack()
    return
  }
  try {
    await workOn(context, parsed.data)
    message.ack()
  } catch (error) {
    // The database did not answer. What the message names keeps its place; this only asks again sooner than the sweep would.
    context.log.error('slice_crashed', { error, ...named(parsed.data), attempts: message.attempts })
    message.retry({ delaySeconds: Math.min(2 ** message.attempts, RETRY_SECONDS_MAX) })
  }
}

async function workOn(context: Context, message: QueueMessage): Promise<void> {
  switch (message.kind) {
    case 'run':
      return runSlice(context, message.runId)
    case 'inbox':
      return workInbox(context, message.integrationId)
    case 'delivery':
      return storeFromQueue(context, message)
    default:
      throw new Error(`unknown message ${String(message satisfies never)}`)
  }
}

/** The ids of a message, for the log. */
function named(message: QueueMessage): Readonly<Record<string, string>> {
  if (message.kind === 'run') return { kind: 'run', runId: message.runId }
  return message.kind === 'inbox' ? { kind: 'inbox', integrationId: message.integrationId } : { kind: 'delivery' }
}

/**
 * Nothing in the dead-letter queue is silent: it is logged, and its run remembers it. An inbox is swept anyway; a webhook
 * that was acknowledged is stored from here.
 */
async function bury(message: Message, context: Context): Promise<void> {
  const { data } = KnownMessage.safeParse(message.body)
  const about = data ? named(data) : { kind: 'unknown' }
  context.log.error('dead_letter', { messageId: message.id, ...about })
  try {
    if (data?.kind === 'run') await recordDeadLetter(context, data.runId)
    if (data?.kind === 'delivery') await storeFromQueue(context, data)
    message.ack()
  } catch (error) {
    context.log.error('dead_letter_unrecorded', { error, ...about })
    message.retry({ delaySeconds: RETRY_SECONDS_MAX })
  }
}
