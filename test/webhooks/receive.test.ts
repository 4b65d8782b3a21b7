import { describe, expect, it } from 'vitest'
import type { Context } from '#context.ts'
import { inboxHealth } from '#health/inbox-health.ts'
import { receiveWebhook } from '#webhooks/receive.ts'
import { deliveriesOf, paidVisit, post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { allTransactions, createSalonTenant, request, type Salon } from '#test/tenants.ts'

async function address(salon: Salon): Promise<string> {
  return new URL((await salon.call('GET', salon.path)).json.webhookUrl).pathname
}

const inboxes = ({ context }: Salon) => context.messages.filter(({ body }) => body.kind === 'inbox')
const raw = ({ context }: Salon) => context.messages.filter(({ body }) => body.kind === 'delivery')

async function receive(context: Context, path: string, event: unknown) {
  const [, , crmType = '', token = ''] = path.split('/')
  const request = new Request(`https://x${path}`, { method: 'POST', body: JSON.stringify(event) })
  return receiveWebhook(context, { crmType, token, request })
}

describe('receipt', () => {
  it('finds, stores and answers in one round trip to the database, but for the first in a minute', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    await post(salon, visitEvent(1))
    const body = JSON.stringify(visitEvent(2))
    const before = salon.context.roundTrips()
    const answer = await request(salon.context, path, { method: 'POST', body })
    expect([answer.status, answer.text]).toEqual([200, 'ok'])
    expect(salon.context.roundTrips() - before).toBe(1)
  })

  it('leaves no log line when all is well, since a CRM calls all day, and one when it is not', async () => {
    const salon = await createSalonTenant()
    salon.context.logged.length = 0
    expect((await post(salon, visitEvent(1))).status).toBe(200)
    // Not the reading of the integration, which has its own.
    const ofWebhooks = () => salon.context.logged.filter((line) => line.includes('/webhooks/'))
    expect(ofWebhooks()).toEqual([])
    const nobodys = `/webhooks/yclients/${'A'.repeat(43)}`
    expect((await request(salon.context, nobodys, { method: 'POST', body: '{}' })).status).toBe(404)
    expect(ofWebhooks().map((line) => JSON.parse(line))).toMatchObject([
      { event: 'request', path: '/webhooks/{crmType}/{token}', status: 404, code: 'not_found' },
    ])
  })

  it('is not tried twice, as reads are: once more would count as a repeat', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    salon.context.outage.database = 'down'
    const before = salon.context.roundTrips()
    const answer = await request(salon.context, path, { method: 'POST', body: JSON.stringify(visitEvent(1)) })
    expect([answer.status, salon.context.roundTrips() - before]).toEqual([200, 1])
  })

  it('puts nothing into its message but an id', async () => {
    const salon = await createSalonTenant()
    await post(salon, visitEvent(1))
    expect(salon.context.messages.map(({ body }) => body)).toEqual([
      { kind: 'inbox', integrationId: salon.integrationId },
    ])
  })

  it('sends one message for all that comes within a few seconds', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    const now = Date.now()
    for (const [id, seconds] of [0, 0, 1, 2, 2.4, 2.6, 3].entries()) {
      const context = { ...salon.context, clock: { ...salon.context.clock, now: () => new Date(now + seconds * 1000) } }
      await receive(context, path, visitEvent(id))
    }
    // The first fires after three seconds; what comes so late that it may be under way has one of its own.
    expect(inboxes(salon)).toHaveLength(2)
  })

  it('counts the same body while it waits, and stores it once', async () => {
    const salon = await createSalonTenant()
    for (let times = 0; times < 3; times += 1) await post(salon, visitEvent(1))
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'new', repeats: 2, externalIds: ['record:1'] }])
  })

  it('answers a GET, whose query is its body', async () => {
    const salon = await createSalonTenant()
    const answer = await request(salon.context, `${await address(salon)}?anything=1`)
    expect(answer.status).toBe(200)
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'rejected', reason: { code: 'unreadable' } }])
  })

  it('refuses what is larger than any sale, whatever its length says, and notes it', async () => {
    const salon = await createSalonTenant()
    const huge = `"${'x'.repeat(1_000_001)}"`
    expect((await post(salon, huge)).status).toBe(413)
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(100_000))),
    })
    const unending = { method: 'POST', body: stream, duplex: 'half' } as RequestInit
    expect((await request(salon.context, await address(salon), unending)).status).toBe(413)
    expect(await deliveriesOf(salon)).toMatchObject([
      { status: 'rejected', reason: { code: 'too_large' }, repeats: 1, hasBody: false },
    ])
  })

  it('keeps what leads to nothing up to a cap, and counts all of it', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    const bodies = Array.from({ length: 120 }, (_, count) => `no json ${count}`)
    await Promise.all(bodies.map(async (body) => request(salon.context, path, { method: 'POST', body })))
    const kept = await deliveriesOf(salon, '&status=rejected')
    expect(kept.length).toBeLessThanOrEqual(50)
    expect(kept.reduce((sum, { repeats }) => sum + repeats + 1, 0)).toBe(120)
  })

  it('says in both languages why it rejected something', async () => {
    const salon = await createSalonTenant()
    await post(salon, '{"half":')
    const path = `${salon.path}/webhook-deliveries`
    const texts = await Promise.all(
      ['en', 'ru'].map(async (language) => {
        const { json } = await salon.call('GET', path, undefined, { 'accept-language': language })
        return json.items[0].reason.message
      }),
    )
    expect(texts).toEqual([expect.stringContaining('not valid JSON'), expect.stringMatching(/[а-я]/)])
  })

  it('refuses an address that is called too often, and no other one', async () => {
    const salon = await createSalonTenant()
    const counts = new Map<string, number>()
    const limit: RateLimit['limit'] = async ({ key }) => {
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return { success: (counts.get(key) ?? 0) <= 3 }
    }
    const context = { ...salon.context, webhookLimit: { limit } }
    const call = async (path: string) => receive(context, path, visitEvent(1))
    const path = await address(salon)
    for (let count = 0; count < 3; count += 1) expect((await call(path)).status).toBe(200)
    await expect(call(path)).rejects.toMatchObject({ code: 'too_many_requests', headers: { 'retry-after': '60' } })
    expect((await call(await address(await createSalonTenant()))).status).toBe(200)
  })
})

describe('answers other than 200', () => {
  const refusalsOf = async (salon: Salon) =>
    (await inboxHealth(salon.context)).refusals.find(({ crmType }) => crmType === 'yclients')?.refused ?? 0

  it('are counted for the health of the service, but those to strangers', async () => {
    const salon = await createSalonTenant()
    const before = await refusalsOf(salon)
    expect((await post(salon, visitEvent(1))).status).toBe(200)
    await request(salon.context, `/webhooks/yclients/${'A'.repeat(43)}`, { method: 'POST', body: '{}' })
    expect((await post(salon, `"${'x'.repeat(1_000_001)}"`)).status).toBe(413)
    await expect.poll(async () => refusalsOf(salon)).toBeGreaterThanOrEqual(before + 1)
    const limited = { ...salon.context, webhookLimit: { limit: async () => ({ success: false }) }, random: () => 0 }
    await expect(receive(limited, await address(salon), visitEvent(2))).rejects.toMatchObject({
      code: 'too_many_requests',
    })
    await expect.poll(async () => refusalsOf(salon)).toBeGreaterThanOrEqual(before + 17)
  })
})

describe('receipt while something is away', () => {
  it.each(['down', 'silent'] as const)(
    'goes by way of the queue when the database is %s, and nothing is lost',
    async (database) => {
      const salon = await createSalonTenant()
      const path = await address(salon)
      const id = paidVisit(salon)
      salon.context.outage.database = database
      const answer = await request(salon.context, path, { method: 'POST', body: JSON.stringify(visitEvent(id)) })
      expect(answer.status).toBe(200)
      expect(raw(salon)).toHaveLength(1)
      salon.context.outage.database = null
      await workOffHooks(salon)
      expect(await allTransactions(salon)).toMatchObject([{ externalId: `record:${id}`, status: 'paid' }])
      expect(await deliveriesOf(salon)).toMatchObject([{ status: 'done' }])
    },
  )

  it('keeps the message going round until the database is back, with longer and longer pauses', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    const id = paidVisit(salon)
    salon.context.outage.database = 'down'
    await request(salon.context, path, { method: 'POST', body: JSON.stringify(visitEvent(id)) })
    const pauses: number[] = []
    for (let round = 0; round < 12; round += 1) {
      await salon.context.takeOne()
      pauses.push(raw(salon)[0]?.delaySeconds ?? -1)
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60])
    salon.context.outage.database = null
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toHaveLength(1)
  })

  it('is the same delivery by way of the queue and without it, and news when it comes after that was worked off', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    const body = JSON.stringify(visitEvent(paidVisit(salon)))
    const send = async () => request(salon.context, path, { method: 'POST', body })
    await send()
    await workOffHooks(salon)
    salon.context.outage.database = 'down'
    await send()
    salon.context.outage.database = null
    expect(raw(salon)).toMatchObject([{ body: { dedupeKey: expect.stringMatching(/^body:[\da-f]{64}$/) } }])
    await salon.context.takeOne()
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'new', repeats: 1 }])
  })

  it('stores what the queue refuses to carry, and the cron finds it', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    salon.context.outage.isQueueRefusing = true
    expect((await post(salon, visitEvent(id))).status).toBe(200)
    expect(salon.context.messages).toEqual([])
    salon.context.outage.isQueueRefusing = false
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toHaveLength(1)
  })

  it('answers in time when the queue does not, since what is stored is found by the cron', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    const hooks = { ...salon.context.queues.hooks, sendBatch: async () => new Promise<never>(() => {}) }
    const queues = { ...salon.context.queues, hooks }
    const answer = await receive({ ...salon.context, queues }, path, visitEvent(paidVisit(salon)))
    expect(answer.status).toBe(200)
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toHaveLength(1)
  })

  it('logs nothing of what the body says, nor the address', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    salon.context.outage.database = 'down'
    const body = JSON.stringify({ ...visitEvent(7_654_321), a: 'Zoe Quince' })
    await request(salon.context, path, { method: 'POST', body })
    const logged = salon.context.logged.join('\n')
    expect(logged).toContain('webhook_store_failed')
    const hex = (text: string) => new TextEncoder().encode(text).toHex()
    for (const part of ['Zoe Quince', hex('Zoe Quince'), hex('7654321'), path.split('/').at(-1) ?? '']) {
      expect(logged).not.toContain(part)
    }
  })

  it('asks the vendor to send it again when neither takes it', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    Object.assign(salon.context.outage, { database: 'down', isQueueRefusing: true })
    const answer = await request(salon.context, path, { method: 'POST', body: JSON.stringify(visitEvent(1)) })
    expect([answer.status, answer.json.code, answer.headers.get('retry-after')]).toEqual([503, 'unavailable', '30'])
  })

  it('does so as well when the body is too large for a message', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    salon.context.outage.database = 'down'
    const body = JSON.stringify({ ...visitEvent(1), comment: 'x'.repeat(100_000) })
    expect((await request(salon.context, path, { method: 'POST', body })).status).toBe(503)
    expect(salon.context.messages).toEqual([])
  })

  it('does not trouble the queue with what leads to nothing', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    salon.context.outage.database = 'down'
    for (const body of ['no json', '[]']) {
      expect((await request(salon.context, path, { method: 'POST', body })).status).toBe(200)
    }
    expect(salon.context.messages).toEqual([])
  })

  it('forgets a message for an address that was replaced meanwhile', async () => {
    const salon = await createSalonTenant()
    const path = await address(salon)
    expect((await salon.call('POST', `${salon.path}/webhook-token`)).status).toBe(200)
    salon.context.outage.database = 'down'
    await request(salon.context, path, { method: 'POST', body: JSON.stringify(visitEvent(1)) })
    salon.context.outage.database = null
    await salon.context.drain()
    expect(salon.context.messages).toEqual([])
    expect(salon.context.logged.join('\n')).toContain('"isKnown":false')
  })
})
