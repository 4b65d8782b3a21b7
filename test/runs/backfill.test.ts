import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { runSlice } from '#sync/run-slice.ts'
import { runCron } from '#jobs/cron.ts'
import { takeRun } from '#sync/take-run.ts'
import { integrationOf, keepOwn, query, runOf, sentRuns } from '#test/pages.ts'
import { allTransactions, createSalonTenant, type Salon, sync } from '#test/tenants.ts'

const DAY_MS = 86_400_000

function ago(salon: Salon, days: number): string {
  return new Date(salon.context.clock.now().getTime() - days * DAY_MS).toISOString()
}

async function backfill(salon: Salon, days: number, search = '') {
  return salon.call('POST', `${salon.path}/backfill${search}`, { from: ago(salon, days) })
}

/** A salon that has worked for two months (or so many days), of which the first sync pulls a week. */
async function establishedSalon(options: { readonly countMax?: number; readonly days?: number } = {}): Promise<Salon> {
  return createSalonTenant({ demo: true, settings: { initialDays: 7 }, ...options })
}

/** Far enough back for the whole of the demo. */
const ALL_DAYS = 90

describe('the line of bulk runs', () => {
  it('does not jam when one that came later has got in first', async () => {
    const salon = await createSalonTenant()
    const [late, early] = [await backfill(salon, 1), await backfill(salon, 2)].map(({ json }) => json.id)
    // Their times are those of their transactions' beginnings, which is not the order they got through the lock in.
    await query(
      salon,
      sql`update sync_runs set status = 'waiting', resume_at = now() + interval '1 hour', created_at = now(),
        started_at = now() where id = ${late}::uuid`,
    )
    expect(await takeRun(salon.context, early)).toBeNull()
    await query(salon, sql`update sync_runs set resume_at = now() where id = ${late}::uuid`)
    salon.context.messages.length = 0
    await runSlice(salon.context, late)
    await salon.context.drain()
    expect(await runOf(salon, late)).toMatchObject({ status: 'succeeded' })
    expect(await runOf(salon, early)).toMatchObject({ status: 'succeeded' })
  })
})

describe('a backfill', () => {
  it('pulls what the first sync did not reach, and nothing twice', async () => {
    const salon = await establishedSalon()
    await sync(salon)
    const before = await allTransactions(salon)
    const { status, json } = await backfill(salon, ALL_DAYS)
    expect([status, json.trigger, json.status]).toEqual([202, 'backfill', 'queued'])
    await salon.context.drain()
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded' })
    const after = await allTransactions(salon)
    expect(after.length).toBeGreaterThan(before.length)
    expect(after.map(({ externalId, status: now }) => [externalId, now])).toEqual(
      salon.sandbox.salon.ledger().map(({ externalId, status: now }) => [externalId, now]),
    )
    const seqs = new Map(after.map(({ externalId, changeSeq }) => [externalId, changeSeq]))
    for (const { externalId, changeSeq } of before) expect(seqs.get(externalId)).toBe(changeSeq)
  })

  it('leaves the live cursor where it was', async () => {
    const salon = await establishedSalon()
    await sync(salon)
    const cursor = sql`select cursor from crm_integrations where id = ${salon.integrationId}::uuid`
    const before = await query(salon, cursor)
    await backfill(salon, ALL_DAYS)
    await salon.context.drain()
    expect(await query(salon, cursor)).toEqual(before)
  })

  it('says how far it is', async () => {
    const salon = await establishedSalon({ countMax: 5 })
    const { json } = await backfill(salon, ALL_DAYS)
    salon.context.messages.length = 0
    await runSlice(salon.context, json.id)
    const { status, progress } = await runOf(salon, json.id)
    expect(status).toBe('running')
    expect(progress.done).toBeGreaterThan(0)
    expect(progress.done).toBeLessThan(progress.total)
    await salon.context.drain()
    const ended = await runOf(salon, json.id)
    expect(ended.progress.done).toBe(ended.progress.total)
  })

  it('lets a live sync go first at its next page, and goes on after it', async () => {
    const salon = await establishedSalon({ countMax: 5, days: 20 })
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const { json } = await backfill(salon, ALL_DAYS)
    salon.context.messages.length = 0
    let lists = 0
    let tick: Promise<void> | undefined
    salon.sandbox.onList = () => {
      lists += 1
      if (lists === 3) tick = runCron(salon.context)
    }
    await runSlice(salon.context, json.id)
    salon.sandbox.onList = null
    await tick
    await keepOwn(salon)
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'queued' })
    const live = await runOf(salon, sentRuns(salon).at(-1) ?? '')
    expect(live).toMatchObject({ trigger: 'schedule', status: 'queued' })
    expect(await takeRun(salon.context, json.id)).toBeNull()
    await salon.context.drain()
    const [first, second] = [await runOf(salon, live.id), await runOf(salon, json.id)]
    expect([first.status, second.status]).toEqual(['succeeded', 'succeeded'])
    expect(Date.parse(first.finishedAt)).toBeLessThan(Date.parse(second.finishedAt))
  })

  it('goes on from its last page after it failed on the way', async () => {
    const salon = await establishedSalon({ countMax: 5, days: 20 })
    salon.sandbox.faults.plan.every = 4
    const { json } = await backfill(salon, ALL_DAYS)
    await salon.context.drain()
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded' })
    const lists = salon.sandbox.requests.filter((line) => line.includes('/records/'))
    expect(new Set(lists).size).toBeGreaterThan(lists.length * 0.7)
  })

  it('moves the statistics when it ends, and slows nothing down when it fails', async () => {
    const salon = await establishedSalon()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const { nextSyncAt } = await integrationOf(salon)
    salon.sandbox.faults.plan.rate = 1
    const { json } = await backfill(salon, ALL_DAYS)
    await salon.context.drain()
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(await integrationOf(salon)).toMatchObject({ totalSyncs: 1, failedSyncs: 1, nextSyncAt })
  })
})

describe('the line of backfills', () => {
  it('ends with the run that the CRM has shut the door on: nothing more is asked', async () => {
    const salon = await createSalonTenant({ demo: true })
    const runs = []
    for (const month of ['05', '06', '07']) {
      const from = `2026-${month}-01T00:00:00Z`
      runs.push((await salon.call('POST', `${salon.path}/backfill`, { from })).json.id)
    }
    Object.assign(salon.sandbox.credentials, { apiSecret: 'another' })
    await salon.context.drain()
    expect(salon.sandbox.requests).toHaveLength(1)
    for (const id of runs) {
      const { json } = await salon.call('GET', `${salon.path}/runs/${id}`)
      expect(json).toMatchObject({ status: 'failed', error: { kind: 'auth' }, finishedAt: expect.any(String) })
    }
    const { json } = await salon.call('GET', salon.path)
    expect(json).toMatchObject({ totalSyncs: 3, failedSyncs: 3, connection: { status: 'failed' } })
  })

  it('takes five, works them off one after the other, and refuses a sixth', async () => {
    const salon = await establishedSalon()
    const answers = await Promise.all(Array.from({ length: 8 }, async () => backfill(salon, 14)))
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(5)
    const refused = answers.filter(({ status }) => status === 409)
    expect(refused.map(({ json }) => json.code)).toEqual(Array.from({ length: 3 }, () => 'too_many_runs'))
    await salon.context.drain()
    const { items } = (await salon.call('GET', `${salon.path}/runs`)).json
    expect(items.map(({ status }: { status: string }) => status)).toEqual(Array.from({ length: 5 }, () => 'succeeded'))
    expect((await backfill(salon, 14)).status).toBe(202)
  })

  it('moves up when the first is cancelled', async () => {
    const salon = await establishedSalon()
    const [first, second] = [await backfill(salon, 14), await backfill(salon, 21)]
    const held = await takeRun(salon.context, first.json.id)
    expect(await takeRun(salon.context, second.json.id)).toBeNull()
    salon.context.messages.length = 0
    await salon.call('POST', `${salon.path}/runs/${held?.id ?? ''}/cancel`)
    expect(sentRuns(salon)).toEqual([second.json.id])
  })
})

describe('before a backfill', () => {
  it('tells what it would cost, without starting anything', async () => {
    const salon = await establishedSalon()
    await sync(salon)
    const { status, json } = await backfill(salon, 365, '?dryRun=true')
    expect(status).toBe(200)
    expect(json).toMatchObject({ from: expect.any(String), to: expect.any(String) })
    // 53 weeks of visits, 12 months of sales, and what goes beyond one page in them.
    expect(json.estimatedCalls).toBeGreaterThanOrEqual(65)
    expect(json.estimatedSeconds).toBe(Math.ceil(json.estimatedCalls / 2.5))
    expect((await salon.call('GET', `${salon.path}/runs`)).json.items).toHaveLength(1)
    expect((await backfill(salon, 365)).json.estimatedCalls).toBe(json.estimatedCalls)
  })

  it('was not far off', async () => {
    const salon = await establishedSalon()
    await sync(salon)
    const asked = salon.sandbox.requests.length
    const { json } = await backfill(salon, 60)
    await salon.context.drain()
    const calls = salon.sandbox.requests.length - asked
    expect(json.estimatedCalls).toBeGreaterThan(calls * 0.5)
    expect(json.estimatedCalls).toBeLessThan(calls * 2)
  })

  it.each([
    [{}, 'from'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-02-01' }, 'from'],
    [{ from: '1999-12-31T00:00:00Z' }, 'from'],
    [{ from: '2125-01-01T00:00:00Z' }, 'from'],
    [{ from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'to'],
    [{ from: '2026-02-01T00:00:00Z', to: '2026-02-01T00:00:00Z' }, 'to'],
  ])('refuses %j', async (body, path) => {
    const salon = await createSalonTenant()
    const { status, json } = await salon.call('POST', `${salon.path}/backfill`, body)
    expect([status, json.code]).toEqual([400, 'invalid_request'])
    expect(json.errors.map((error: { path: string }) => error.path)).toEqual([path])
  })
})
