// The consumer of all queues. It settles every message itself and never throws: the local queue redelivers acknowledged
// messages when a handler throws. A message only names runs or an inbox; the rows decide whether there is work.
import * as z from 'zod'
import type { Context, QueueMessage } from '#context.ts'
import { workEndpoint } from '#events/work-endpoint.ts'
import { recordDeadLetter } from '#jobs/record-dead-letter.ts'
import { RUNS_A_MESSAGE } from '#queue/messages.ts'
import { workRetest } from '#retests/work.ts'
import { runSlice, runSlicesBesideOthers } from '#sync/run-slice.ts'
import { RawDeliveryMessage, storeFromQueue } from '#webhooks/raw-delivery.ts'
import { workInbox } from '#webhooks/work-inbox.ts'

const DEAD_LETTER_QUEUE = 'crm-dead'
/** Its batches have one message, which names one run. */
const BULK_QUEUE = 'crm-bulk'
/** The sweep sends after a minute anyway, so a longer pause would gain nothing. */
const RETRY_SECONDS_MAX = 60

const KnownMessage: z.ZodType<QueueMessage> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('runs'), runIds: z.array(z.guid()).min(1).max(RUNS_A_MESSAGE) }),
  z.strictObject({ kind: z.literal('inbox'), integrationId: z.guid() }),
  z.strictObject({ kind: z.literal('endpoint'), endpointId: z.guid() }),
  z.strictObject({ kind: z.literal('retest'), retestId: z.guid(), integrationId: z.guid() }),
  RawDeliveryMessage,
])

/**
 * Runs of one message work side by side, so a slow vendor does not hold up the others. A run that has to be alone goes
 * on to the bulk queue: a bulk run, a wide scan of the night, and a run whose last worker died. Should that one kill
 * its worker again, nothing else is at work.
 */
export async function consume(batch: MessageBatch, context: Context, background?: Background): Promise<void> {
  if (batch.queue === DEAD_LETTER_QUEUE) {
    await Promise.all(batch.messages.map(async (message) => settleDead(message, context)))
    return
  }
  const slices: RunSlices = async (runIds) => {
    if (batch.queue !== BULK_QUEUE) await runSlicesBesideOthers(context, runIds)
    else for (const runId of runIds) await runSlice(context, runId)
  }
  const workers = { slices, background }
  await Promise.all(batch.messages.map(async (message) => work(message, context, workers)))
}

type RunSlices = (runIds: readonly string[]) => Promise<void>
/** Lets work go on after the messages are settled. */
type Background = (work: Promise<void>) => void

interface Workers {
  readonly slices: RunSlices
  /** Undefined: the work is awaited. */
  readonly background: Background | undefined
}

async function work(message: Message, context: Context, { slices, background }: Workers): Promise<void> {
  const parsed = KnownMessage.safeParse(message.body)
  if (!parsed.success) {
    context.log.error('message_unreadable', { messageId: message.id })
    message.ack()
    return
  }
  if (parsed.data.kind === 'endpoint') {
    // A queue may wait for a batch before it hands out the next one, and an endpoint may be slow. The cron sends the
    // message again while anything waits for the endpoint.
    message.ack()
    const delivering = deliverEvents(context, parsed.data.endpointId)
    return background ? background(delivering) : delivering
  }
  try {
    await workOn(context, parsed.data, slices)
    message.ack()
  } catch (error) {
    // The database did not answer. The row still says what is due, and the sweep would send it again; this is only
    // sooner.
    context.log.error('slice_crashed', { error, ...idsOf(parsed.data), attempts: message.attempts })
    message.retry({ delaySeconds: Math.min(2 ** message.attempts, RETRY_SECONDS_MAX) })
  }
}

async function deliverEvents(context: Context, endpointId: string): Promise<void> {
  try {
    await workEndpoint(context, endpointId)
  } catch (error) {
    context.log.error('endpoint_crashed', { error, endpointId })
  }
}

async function workOn(
  context: Context,
  message: Exclude<QueueMessage, { readonly kind: 'endpoint' }>,
  slices: RunSlices,
): Promise<void> {
  switch (message.kind) {
    case 'runs':
      return slices(message.runIds)
    case 'inbox':
      return workInbox(context, message.integrationId)
    case 'retest':
      return workRetest(context, message)
    case 'delivery':
      return storeFromQueue(context, message)
    default:
      throw new Error(`unknown message ${String(message satisfies never)}`)
  }
}

/** The ids of a message, for the log. */
function idsOf(message: QueueMessage): Readonly<Record<string, unknown>> {
  if (message.kind === 'runs') return { kind: 'runs', runIds: message.runIds }
  if (message.kind === 'endpoint') return { kind: 'endpoint', endpointId: message.endpointId }
  if (message.kind === 'delivery') return { kind: 'delivery' }
  return { kind: message.kind, integrationId: message.integrationId }
}

/**
 * Every dead letter is logged. That of runs is also recorded in the runs, and an acknowledged webhook is stored from
 * here. An inbox, an endpoint and a test need nothing, since the sweep finds them.
 */
async function settleDead(message: Message, context: Context): Promise<void> {
  const { data } = KnownMessage.safeParse(message.body)
  const ids = data ? idsOf(data) : { kind: 'unknown' }
  context.log.error('dead_letter', { messageId: message.id, ...ids })
  try {
    if (data?.kind === 'runs') for (const runId of data.runIds) await recordDeadLetter(context, runId)
    if (data?.kind === 'delivery') await storeFromQueue(context, data)
    message.ack()
  } catch (error) {
    context.log.error('dead_letter_unrecorded', { error, ...ids })
    message.retry({ delaySeconds: RETRY_SECONDS_MAX })
  }
}
