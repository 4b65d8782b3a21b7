// The queue's consumer. It settles every message itself and never throws: the local queue redelivers acknowledged
// messages when a handler throws. A message only names a run or an inbox; the rows decide whether there is work.
import * as z from 'zod'
import type { Context, QueueMessage } from '#context.ts'
import { recordDeadLetter } from '#jobs/record-dead-letter.ts'
import { runSlice, runSliceBesideOthers } from '#sync/run-slice.ts'
import { RawDeliveryMessage, storeFromQueue } from '#webhooks/raw-delivery.ts'
import { workInbox } from '#webhooks/work-inbox.ts'

const DEAD_LETTER_QUEUE = 'crm-runs-dead'
/** The sweep sends after a minute anyway, so a longer pause would gain nothing. */
const RETRY_SECONDS_MAX = 60

const KnownMessage: z.ZodType<QueueMessage> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('run'), runId: z.guid() }),
  z.strictObject({ kind: z.literal('inbox'), integrationId: z.guid() }),
  RawDeliveryMessage,
])

/**
 * Runs of one batch work side by side, so a slow vendor does not hold up the others. A run whose last worker died comes
 * after them, alone: should it kill this one too, nothing else is at work.
 */
export async function consume(batch: MessageBatch, context: Context): Promise<void> {
  if (batch.queue === DEAD_LETTER_QUEUE) {
    await Promise.all(batch.messages.map(async (message) => settleDead(message, context)))
    return
  }
  const heldBack: Message[] = []
  await Promise.all(
    batch.messages.map(async (message) =>
      work(message, context, async (runId) => {
        if ((await runSliceBesideOthers(context, runId)) === 'held_back') heldBack.push(message)
      }),
    ),
  )
  for (const message of heldBack) await work(message, context, async (runId) => runSlice(context, runId))
}

type RunSlice = (runId: string) => Promise<void>

async function work(message: Message, context: Context, slice: RunSlice): Promise<void> {
  const parsed = KnownMessage.safeParse(message.body)
  if (!parsed.success) {
    context.log.error('message_unreadable', { messageId: message.id })
    message.ack()
    return
  }
  try {
    await workOn(context, parsed.data, slice)
    message.ack()
  } catch (error) {
    // The database did not answer. The row still says what is due, and the sweep would send it again; this is only
    // sooner.
    context.log.error('slice_crashed', { error, ...idsOf(parsed.data), attempts: message.attempts })
    message.retry({ delaySeconds: Math.min(2 ** message.attempts, RETRY_SECONDS_MAX) })
  }
}

async function workOn(context: Context, message: QueueMessage, slice: RunSlice): Promise<void> {
  switch (message.kind) {
    case 'run':
      return slice(message.runId)
    case 'inbox':
      return workInbox(context, message.integrationId)
    case 'delivery':
      return storeFromQueue(context, message)
    default:
      throw new Error(`unknown message ${String(message satisfies never)}`)
  }
}

/** The ids of a message, for the log. */
function idsOf(message: QueueMessage): Readonly<Record<string, string>> {
  if (message.kind === 'run') return { kind: 'run', runId: message.runId }
  return message.kind === 'inbox' ? { kind: 'inbox', integrationId: message.integrationId } : { kind: 'delivery' }
}

/**
 * Every dead letter is logged. That of a run is also recorded in the run, and an acknowledged webhook is stored from
 * here. An inbox needs nothing, since the sweep finds it.
 */
async function settleDead(message: Message, context: Context): Promise<void> {
  const { data } = KnownMessage.safeParse(message.body)
  const ids = data ? idsOf(data) : { kind: 'unknown' }
  context.log.error('dead_letter', { messageId: message.id, ...ids })
  try {
    if (data?.kind === 'run') await recordDeadLetter(context, data.runId)
    if (data?.kind === 'delivery') await storeFromQueue(context, data)
    message.ack()
  } catch (error) {
    context.log.error('dead_letter_unrecorded', { error, ...ids })
    message.retry({ delaySeconds: RETRY_SECONDS_MAX })
  }
}
