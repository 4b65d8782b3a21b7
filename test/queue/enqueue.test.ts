import { describe, expect, it } from 'vitest'
import type { LaneQueue, QueueMessage, RawDelivery } from '#context.ts'
import { enqueueAlone, enqueueDelayedRuns, enqueueDelivery, enqueueInboxes, enqueueRuns } from '#queue/enqueue.ts'
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

interface Batch {
  readonly lane: string
  readonly messages: readonly { readonly body: QueueMessage; readonly delaySeconds?: number }[]
}

/** Queues that answer by `answer`, and the batches that they were sent. */
function queuesOf(answer: (batch: number) => Promise<void>) {
  const context = createTestContext()
  const batches: Batch[] = []
  const queueOf = (lane: string): LaneQueue => ({
    ...context.queues.live,
    sendBatch: async (messages) => {
      batches.push({ lane, messages: [...messages] })
      await answer(batches.length)
      return { metadata: { metrics: await context.queues.live.metrics() } }
    },
  })
  const queues = { live: queueOf('live'), bulk: queueOf('bulk'), hooks: queueOf('hooks'), events: queueOf('events') }
  return { context: { ...context, queues }, batches }
}

const takes = async () => undefined
const refuses = async () => {
  throw new Error('Too Many Requests')
}
const staysSilent = async () => new Promise<void>(() => undefined)

describe('sending to the queues', () => {
  it('names five runs in a message and sends a hundred messages in a batch, with the delay in whole seconds', async () => {
    const { context, batches } = queuesOf(takes)
    const runs = ids(501)
    await enqueueRuns(context, runs, 1.2)
    expect(batches.map(({ lane, messages }) => [lane, messages.length])).toEqual([
      ['live', 100],
      ['live', 1],
    ])
    const messages = batches.flatMap((batch) => batch.messages)
    expect(messages.flatMap(({ body }) => (body.kind === 'runs' ? body.runIds : []))).toEqual(runs)
    expect(new Set(messages.map(({ delaySeconds }) => delaySeconds))).toEqual(new Set([2]))
  })

  it('puts only runs of the same second into a message', async () => {
    const { context, batches } = queuesOf(takes)
    const [a, b, c] = ids(3)
    if (!a || !b || !c) throw new Error('three were wanted')
    await enqueueDelayedRuns(context, [
      { runId: a, delaySeconds: 7 },
      { runId: b, delaySeconds: 8 },
      { runId: c, delaySeconds: 7 },
    ])
    expect(batches[0]?.messages).toEqual([
      { body: { kind: 'runs', runIds: [a, c] }, delaySeconds: 7 },
      { body: { kind: 'runs', runIds: [b] }, delaySeconds: 8 },
    ])
  })

  it('puts a run that works alone into a message of its own, and each kind into its lane', async () => {
    const { context, batches } = queuesOf(takes)
    const runs = ids(2).map((runId) => ({ runId, delaySeconds: 0 }))
    await enqueueAlone(context, runs)
    await enqueueInboxes(context, ids(1))
    await enqueueDelivery(context, DELIVERY, {})
    expect(batches.map(({ lane, messages }) => [lane, messages.length])).toEqual([
      ['bulk', 2],
      ['hooks', 1],
      ['hooks', 1],
    ])
  })

  it('sends nothing for nothing, and nothing that waits longer than a quarter of an hour: the cron finds it', async () => {
    const { context, batches } = queuesOf(takes)
    await enqueueRuns(context, [])
    await enqueueRuns(context, ids(1), 901)
    expect(await enqueueInboxes(context, ids(1), 901)).toBe(true)
    expect(batches).toEqual([])
    expect(await enqueueInboxes(context, ids(1), 900)).toBe(true)
    expect(batches).toHaveLength(1)
  })

  it('sends batches side by side, so a refused one stops no other, and logs it', async () => {
    const { context, batches } = queuesOf(async (batch) => (batch === 2 ? refuses() : takes()))
    expect(await enqueueInboxes(context, ids(250))).toBe(false)
    expect(batches).toHaveLength(3)
    expect(context.logged.join('\n')).toMatch(/queue_send_failed.*"kind":"inbox","messages":100/)
  })

  it('takes no answer in time for a refusal', async () => {
    const { context } = queuesOf(staysSilent)
    expect(await enqueueInboxes(context, ids(1), 0, { timeoutMs: 20 })).toBe(false)
    expect(await enqueueDelivery(context, DELIVERY, { timeoutMs: 20 })).toBe(false)
    expect(context.logged).toHaveLength(2)
  })

  it('of a delivery says whether the queue has it', async () => {
    const sent = queuesOf(takes)
    expect(await enqueueDelivery(sent.context, DELIVERY, { delaySeconds: 4 })).toBe(true)
    expect(sent.batches).toEqual([{ lane: 'hooks', messages: [{ body: DELIVERY, delaySeconds: 4 }] }])
    expect(await enqueueDelivery(queuesOf(refuses).context, DELIVERY, {})).toBe(false)
  })
})
