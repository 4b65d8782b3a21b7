import { describe, expect, it } from 'vitest'
import type { Context, QueueMessage, RawDelivery } from '#context.ts'
import { enqueueDelivery, enqueueInboxes, enqueueRuns } from '#queue/enqueue.ts'
import { createTestContext } from '#test/context.ts'

const ids = (count: number) => Array.from({ length: count }, () => crypto.randomUUID())

const DELIVERY: RawDelivery = {
  ...({
    kind: 'delivery',
    crmType: 'yclients',
    tokenHash: '00',
    dedupeKey: 'id:1',
    contentType: null,
    secret: null,
    body: '',
  } as const),
  ...{ receivedAt: '2026-11-24T10:00:00.000Z', tries: 0 },
}

/** A queue that answers by `answer`, and the batches that it was sent. */
function queueOf(answer: (batch: number) => Promise<void>) {
  const context = createTestContext()
  const batches: { readonly bodies: readonly QueueMessage[]; readonly delaySeconds: number | undefined }[] = []
  const queue: Context['queue'] = {
    ...context.queue,
    sendBatch: async (messages, options) => {
      batches.push({ bodies: [...messages].map(({ body }) => body), delaySeconds: options?.delaySeconds })
      await answer(batches.length)
      return { metadata: { metrics: await context.queue.metrics() } }
    },
  }
  return { context: { ...context, queue }, batches }
}

const takes = async () => undefined
const refuses = async () => {
  throw new Error('Too Many Requests')
}
const staysSilent = async () => new Promise<void>(() => undefined)

describe('sending to the queue', () => {
  it('goes in batches of a hundred, each with the delay in whole seconds', async () => {
    const { context, batches } = queueOf(takes)
    const runs = ids(201)
    await enqueueRuns(context, runs, 1.2)
    expect(batches.map(({ bodies }) => bodies.length)).toEqual([100, 100, 1])
    expect(batches.flatMap(({ bodies }) => bodies)).toEqual(runs.map((runId) => ({ kind: 'run', runId })))
    expect(batches.map(({ delaySeconds }) => delaySeconds)).toEqual([2, 2, 2])
  })

  it('sends nothing for nothing, and nothing that waits longer than a quarter of an hour: the cron finds it', async () => {
    const { context, batches } = queueOf(takes)
    await enqueueRuns(context, [])
    await enqueueRuns(context, ids(1), 901)
    expect(await enqueueInboxes(context, ids(1), 901)).toBe(true)
    expect(batches).toEqual([])
    expect(await enqueueInboxes(context, ids(1), 900)).toBe(true)
    expect(batches).toHaveLength(1)
  })

  it('stops at a batch that is refused, and logs it', async () => {
    const { context, batches } = queueOf(async (batch) => (batch === 2 ? refuses() : takes()))
    expect(await enqueueInboxes(context, ids(250))).toBe(false)
    expect(batches).toHaveLength(2)
    expect(context.logged.join('\n')).toMatch(/queue_send_failed.*"kind":"inbox","messages":100/)
  })

  it('takes no answer in time for a refusal', async () => {
    const { context } = queueOf(staysSilent)
    expect(await enqueueInboxes(context, ids(1), 0, { timeoutMs: 20 })).toBe(false)
    expect(await enqueueDelivery(context, DELIVERY, { timeoutMs: 20 })).toBe(false)
    expect(context.logged).toHaveLength(2)
  })

  it('of a delivery says whether the queue has it', async () => {
    const sent = queueOf(takes)
    expect(await enqueueDelivery(sent.context, DELIVERY, { delaySeconds: 4 })).toBe(true)
    expect(sent.batches).toEqual([{ bodies: [DELIVERY], delaySeconds: 4 }])
    expect(await enqueueDelivery(queueOf(refuses).context, DELIVERY, {})).toBe(false)
  })
})
