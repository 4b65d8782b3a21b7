// Finding 8: one forged hook with 13,000 ids cost as many calls of the vendor.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { decodeBody } from '#lib/decode-body.ts'
import { workInbox } from '#webhooks/work-inbox.ts'
import { webhook as renovatio } from '#crm/renovatio/webhook.ts'
import { createAmoTenant } from '#test/amo.ts'
import { deliver, deliveriesOf, paidVisit, post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { allTransactions, createSalonTenant, request, type Salon } from '#test/tenants.ts'

const FORGED_IDS = 13_000
/** A live sync of a salon that has hardly any sales: its pages, and what a session reads first. */
const SYNC_CALLS_MAX = 40

async function usageOf({ context, integrationId }: Salon): Promise<number> {
  const { rows } = await context.db.execute<{ bytes: string }>(sql`
    select coalesce(sum(bytes), 0) as bytes from webhook_usage where integration_id = ${integrationId}::uuid`)
  return Number(rows[0]?.bytes)
}

const events = (count: number) => Array.from({ length: count }, (_, index) => visitEvent(1_000_000 + index))
/** An event of so many bytes. */
const large = (id: number, bytes: number) => ({ ...visitEvent(id), comment: 'x'.repeat(bytes) })

describe('a hook that names more than a hundred changes', () => {
  it('is answered, stored without its body, and read by one sync for a few calls', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    const before = salon.sandbox.requests.length
    expect((await post(salon, [visitEvent(id), ...events(5000)])).status).toBe(200)
    await workOffHooks(salon)
    expect(salon.sandbox.requests.length - before).toBeLessThan(SYNC_CALLS_MAX)
    expect(await allTransactions(salon)).toMatchObject([{ externalId: `record:${id}`, status: 'paid' }])
    expect(await deliveriesOf(salon)).toMatchObject([
      { status: 'done', reason: { code: 'too_many' }, hasBody: false, externalIds: [] },
    ])
  })

  it('costs as little as a form of amoCRM', async () => {
    const tenant = await createAmoTenant()
    const url: string = (await tenant.call('GET', tenant.path)).json.webhookUrl
    const body = Array.from({ length: FORGED_IDS }, (_, index) => `leads[add][${index}][id]=${index + 1}`).join('&')
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const before = tenant.sandbox.requests.length
    expect((await deliver(tenant, { url, method: 'POST', headers, body })).status).toBe(200)
    await workOffHooks(tenant)
    expect(tenant.sandbox.requests.length - before).toBeLessThan(SYNC_CALLS_MAX)
  })

  it('makes no second sync and no second row while the first waits', async () => {
    const salon = await createSalonTenant()
    for (let times = 0; times < 20; times += 1) {
      expect((await post(salon, events(101 + times))).status).toBe(200)
    }
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'new', repeats: 19 }])
    await workOffHooks(salon)
    const { json } = await salon.call('GET', `${salon.path}/runs`)
    expect(json.items).toHaveLength(1)
  })

  it('goes by way of the queue when the database is down, however large it is, and nothing is lost', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    const path = new URL((await salon.call('GET', salon.path)).json.webhookUrl).pathname
    salon.context.outage.database = 'down'
    const body = JSON.stringify([visitEvent(id), ...events(5000)])
    expect((await request(salon.context, path, { method: 'POST', body })).status).toBe(200)
    salon.context.outage.database = null
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toMatchObject([{ externalId: `record:${id}` }])
  })

  it('is read one by one up to a hundred', async () => {
    const salon = await createSalonTenant()
    await post(salon, events(100))
    const [delivery] = await deliveriesOf(salon)
    expect(delivery).toMatchObject({ hasBody: true, reason: null })
    expect(delivery.externalIds).toHaveLength(100)
  })
})

describe('many hooks of one change each', () => {
  /** As many as an attacker sends in three seconds. */
  const FLOOD = 150

  async function flood(salon: Salon, from: number, count: number): Promise<void> {
    const path = new URL((await salon.call('GET', salon.path)).json.webhookUrl).pathname
    const send = async (id: number) =>
      request(salon.context, path, { method: 'POST', body: JSON.stringify(visitEvent(id)) })
    for (let index = 0; index < count; index += 10)
      await Promise.all(Array.from({ length: 10 }, async (_, one) => send(from + index + one)))
  }

  it('are read by one sync for a few calls, and fill no more rows than are read one by one', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    await post(salon, visitEvent(id))
    await flood(salon, 1_000_000, FLOOD)
    const { rows } = await salon.context.db.execute<{ count: number }>(sql`
      select count(*)::int as count from webhook_deliveries where integration_id = ${salon.integrationId}::uuid`)
    // With those that were on their way while the hundredth was stored.
    expect(rows[0]?.count).toBeLessThan(115)
    const before = salon.sandbox.requests.length
    await workOffHooks(salon)
    expect(salon.sandbox.requests.length - before).toBeLessThan(SYNC_CALLS_MAX)
    expect(await allTransactions(salon)).toMatchObject([{ externalId: `record:${id}` }])
    const { json } = await salon.call('GET', `${salon.path}/runs`)
    expect(json.items).toHaveLength(1)
    expect((await deliveriesOf(salon)).every(({ status }) => status === 'done')).toBe(true)
  })

  it('are counted over all that wait, not by the delivery', async () => {
    const salon = await createSalonTenant()
    await post(salon, events(60))
    await post(salon, events(120).slice(60, 120))
    const before = salon.sandbox.requests.length
    await workOffHooks(salon)
    expect(salon.sandbox.requests.length - before).toBeLessThan(SYNC_CALLS_MAX)
  })

  it('that trickle in use up what is read one by one, and then one sync a minute reads the changes', async () => {
    const salon = await createSalonTenant()
    const setReads = async (reads: number) =>
      salon.context.db.execute(sql`
        update crm_integrations set hook_reads = ${reads}::int, hook_reads_since = now() - interval '9 minutes'
        where id = ${salon.integrationId}::uuid`)
    const readsOf = async () => {
      const { rows } = await salon.context.db.execute<{ reads: number }>(sql`
        select hook_reads as reads from crm_integrations where id = ${salon.integrationId}::uuid`)
      return rows[0]?.reads
    }
    await setReads(590)
    const id = paidVisit(salon)
    await post(salon, visitEvent(id))
    await salon.context.takeOne()
    expect(await readsOf()).toBe(591)
    await setReads(600)
    const before = salon.sandbox.requests.length
    const next = paidVisit(salon)
    for (const one of [next, 1, 2, 3]) {
      await post(salon, visitEvent(one))
      await workOffHooks(salon)
    }
    expect(await readsOf()).toBe(600)
    expect(salon.sandbox.requests.length - before).toBeLessThan(SYNC_CALLS_MAX)
    expect(await allTransactions(salon)).toHaveLength(2)
    // What came after the sync of this minute waits for the next one, and its waiting is no failure.
    const waiting = (await deliveriesOf(salon)).filter(({ status }) => status === 'new')
    expect(waiting.map(({ attempts }) => attempts)).toEqual([1, 1, 1])
    await salon.context.db.execute(sql`
      update sync_runs set created_at = created_at - interval '1 minute' where integration_id = ${salon.integrationId}::uuid`)
    await workOffHooks(salon)
    expect((await deliveriesOf(salon)).every(({ status }) => status === 'done')).toBe(true)
    expect((await salon.call('GET', `${salon.path}/runs`)).json.items).toHaveLength(2)
  })
})

describe('a hook of many parts', () => {
  it('is not read when it has more members than a hundred sales', () => {
    const bytes = new TextEncoder().encode(`[${'{},'.repeat(60_000)}{}]`)
    expect(decodeBody({ contentType: null, bytes })).toMatchObject({ type: 'unreadable' })
  })

  it('has no more of its lists looked at than are acted on', () => {
    const [services, rows] = [Array.from({ length: 20_000 }, (_, id) => ({ invoice_number: id + 1 })), 1000]
    const row = { id: 1, clinic_id: 1, date: '', services }
    const data = [row, ...Array.from({ length: rows }, (_, id) => ({ id: id + 2, clinic_id: 1, date: '' }))]
    const bytes = Uint8Array.from(new TextEncoder().encode(JSON.stringify({ event: 'update_appointment', data })))
    const parsed = renovatio.parse({ contentType: 'application/json', bytes })
    if (parsed.type !== 'events') throw new Error(parsed.reason)
    expect(parsed.events).toHaveLength(101)
    expect(parsed.events[0]?.hint?.extra?.['invoices']?.split(',')).toHaveLength(101)
  })
})

describe('a day’s quota of bodies', () => {
  it('counts what is stored, and what is repeated once', async () => {
    const salon = await createSalonTenant()
    const bodies = [large(1, 900_000), large(2, 100_000)]
    const bytes = bodies.reduce((sum, body) => sum + JSON.stringify(body).length, 0)
    for (const body of [...bodies, ...bodies]) await post(salon, body)
    expect(await usageOf(salon)).toBe(bytes)
  })

  it('counts small bodies by chance, and right on the whole', async () => {
    const salon = await createSalonTenant()
    const bodies = Array.from({ length: 60 }, (_, id) => large(id, 30_000))
    for (const body of bodies) await post(salon, body)
    const share = (await usageOf(salon)) / bodies.reduce((sum, body) => sum + JSON.stringify(body).length, 0)
    // Five standard deviations.
    expect(Math.abs(share - 1)).toBeLessThan(0.75)
  })

  it('once used up leaves one row without a body for all that comes, and a sync reads the changes', async () => {
    const salon = await createSalonTenant()
    await salon.context.db.execute(sql`
      insert into webhook_usage values (${salon.integrationId}::uuid, current_date, 100000000)`)
    const id = paidVisit(salon)
    for (const body of [visitEvent(id), visitEvent(1), visitEvent(2)])
      expect((await post(salon, body)).status).toBe(200)
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'new', hasBody: false, repeats: 2 }])
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toMatchObject([{ externalId: `record:${id}`, status: 'paid' }])
    // And what comes when that is done is news again.
    const next = paidVisit(salon)
    await post(salon, visitEvent(next))
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toHaveLength(2)
  })
})

describe('what waits in an inbox', () => {
  it('is claimed by a few megabytes at a time, so that it fits into memory', async () => {
    const salon = await createSalonTenant()
    for (let id = 0; id < 12; id += 1) await post(salon, large(id, 900_000))
    await salon.context.takeOne()
    const claims = salon.context.logged.flatMap((line) =>
      line.includes('inbox_worked') ? [JSON.parse(line).inbox] : [],
    )
    expect(claims).toEqual([5])
  })

  it('holds a slice for a minute at most, even when all of it came in one hook', async () => {
    const salon = await createSalonTenant()
    const answer = salon.context.fetch
    let calls = 0
    const slow: typeof answer = async (input, init) => {
      calls += 1
      salon.context.clock.advance(3000)
      return answer(input, init)
    }
    await post(salon, events(100))
    await workInbox({ ...salon.context, fetch: slow }, salon.integrationId)
    expect(calls).toBeLessThan(30)
    expect(salon.context.logged.join('\n')).toContain('inbox_worked')
  })
})
