import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { releaseRun } from '#sync/end-slice.ts'
import { runSlice } from '#sync/run-slice.ts'
import { sweepRuns } from '#jobs/cron.ts'
import { takeRun } from '#sync/take-run.ts'
import { expireLease, integrationOf, keepOwn, openScheduled, query, runOf, sentRuns, take } from '#test/pages.ts'
import { createSalonTenant, sync } from '#test/tenants.ts'

/** Of a sync without news, with the run from its begin to its end. */
const QUERIES_MAX = 7

describe('retrying', () => {
  it('tries three times again, tells when, and fails with the reason', async () => {
    const salon = await createSalonTenant({ variables: { SYNC_RETRY_BASE_SECONDS: '30' } })
    salon.sandbox.faults.plan.next = ['500', '500', '500', '500']
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const waits: number[] = []
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await runSlice(salon.context, json.id)
      const waiting = await runOf(salon, json.id)
      expect(waiting).toMatchObject({ status: 'waiting', attempt, error: { kind: 'unavailable' } })
      waits.push(Math.round((Date.parse(waiting.resumeAt) - Date.now()) / 1000))
      await query(salon, sql`update sync_runs set resume_at = now() where id = ${json.id}::uuid`)
    }
    expect(waits).toEqual([30, 120, 480])
    await runSlice(salon.context, json.id)
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(await integrationOf(salon)).toMatchObject({
      totalSyncs: 1,
      successfulSyncs: 0,
      failedSyncs: 1,
      lastSyncStatus: 'failed',
      syncEnabled: false,
    })
    expect((await integrationOf(salon)).lastError).toBeTruthy()
  })

  it('counts anew after a committed page', async () => {
    const salon = await createSalonTenant({ demo: true })
    salon.sandbox.faults.plan.next = ['500', '500', '500']
    salon.sandbox.faults.plan.path = '/records/'
    const first = await sync(salon)
    expect(first).toMatchObject({ status: 'succeeded', attempt: 0, error: null })
    expect(await integrationOf(salon)).toMatchObject({ totalSyncs: 1, successfulSyncs: 1, lastError: null })
  })

  it('goes on from the last committed page after an outage that ended the run', async () => {
    const salon = await createSalonTenant({ demo: true, countMax: 20 })
    let lists = 0
    salon.sandbox.onList = () => {
      lists += 1
      if (lists === 18) salon.sandbox.faults.plan.rate = 1
    }
    const failed = await sync(salon)
    expect(failed).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(failed.counters.inserted).toBeGreaterThan(0)
    const before = salon.sandbox.requests.filter((line) => line.includes('/records/')).length
    salon.sandbox.onList = null
    salon.sandbox.faults.plan.rate = 0
    const second = await sync(salon)
    expect(second).toMatchObject({ status: 'succeeded' })
    const [first] = salon.sandbox.requests.filter((line) => line.includes('/records/')).slice(before)
    expect(first).not.toBe(salon.sandbox.requests.find((line) => line.includes('/records/')))
    const { transactionsSynced } = await integrationOf(salon)
    expect(transactionsSynced).toBe(failed.counters.inserted + second.counters.inserted + second.counters.updated)
  })
})

describe('a slice', () => {
  it('hands a long run on to the next message and finishes it there', async () => {
    const salon = await createSalonTenant({ demo: true, days: 40, countMax: 5 })
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    salon.context.messages.length = 0
    await runSlice(salon.context, json.id)
    const half = await runOf(salon, json.id)
    expect(half.status).toBe('running')
    expect(half.counters.pages).toBeLessThanOrEqual(50)
    expect(sentRuns(salon)).toEqual([json.id])
    await salon.context.drain()
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded' })
  })

  it('leaves the run to the next worker when the database was lost on the way', async () => {
    const salon = await createSalonTenant({ demo: true })
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const { databaseFaults } = salon.context
    salon.context.messages.length = 0
    // The take goes through, every write and every ending after it does not.
    let batches = 0
    salon.sandbox.onList = () => {
      batches += 1
      if (batches === 3) databaseFaults.push(...Array.from({ length: 4 }, () => 'unsent' as const))
    }
    await expect(runSlice(salon.context, json.id)).rejects.toThrow()
    salon.sandbox.onList = null
    // The two pages before had no records, and were waiting for the third.
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'running', counters: { pages: 0 } })
    await expireLease(salon)
    await sweepRuns(salon.context)
    await keepOwn(salon)
    await salon.context.drain()
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded' })
  })

  it('ends with the page at hand when its time is up', async () => {
    const salon = await createSalonTenant({ demo: true, days: 10, countMax: 5 })
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    salon.context.messages.length = 0
    let lists = 0
    // The third list takes the vendor longer than a slice may last.
    salon.sandbox.onList = () => {
      lists += 1
      if (lists === 3) salon.context.clock.advance(60_000)
    }
    await runSlice(salon.context, json.id)
    expect(lists).toBe(3)
    // The plan of a manual sync is a page of its own.
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'running', counters: { pages: 4 } })
    salon.sandbox.onList = null
    await salon.context.drain()
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded' })
  })

  it('goes on by itself after it was released', async () => {
    const salon = await createSalonTenant()
    const held = await take(salon)
    salon.context.messages.length = 0
    await releaseRun(salon.context, held)
    expect(sentRuns(salon)).toEqual([held.id])
    expect(await takeRun(salon.context, held.id)).toMatchObject({ attempt: 0 })
  })
})

describe('the last page', () => {
  it('ends the run in its own request', async () => {
    const salon = await createSalonTenant({ demo: true, days: 10 })
    await sync(salon)
    const id = await openScheduled(salon)
    const [queries, calls] = [salon.context.roundTrips(), salon.sandbox.requests.length]
    await runSlice(salon.context, id)
    expect(await runOf(salon, id)).toMatchObject({ status: 'succeeded', counters: { inserted: 0, updated: 0 } })
    expect(salon.context.roundTrips() - queries).toBeLessThanOrEqual(QUERIES_MAX)
    expect(salon.sandbox.requests.length - calls).toBe(2)
  })

  it('ends the run once, though its answer was lost', async () => {
    const salon = await createSalonTenant()
    await sync(salon)
    const id = await openScheduled(salon)
    salon.context.databaseFaults.push('none', 'unanswered')
    await runSlice(salon.context, id)
    expect(await runOf(salon, id)).toMatchObject({ status: 'succeeded', counters: { pages: 2 } })
    expect(await integrationOf(salon)).toMatchObject({ totalSyncs: 2, successfulSyncs: 2 })
  })

  it('ends nothing when the brake stops it', async () => {
    const salon = await createSalonTenant({ demo: true, days: 10 })
    await sync(salon)
    for (const visit of salon.sandbox.salon.visits.values()) salon.sandbox.salon.vanish(visit.id)
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    await salon.context.drain()
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'failed', error: { code: 'rejected.brake' } })
  })
})
