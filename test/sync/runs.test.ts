import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { finishRun, releaseRun, renewLease, waitRun } from '#sync/end-slice.ts'
import { runSlice } from '#sync/run-slice.ts'
import { sweepRuns } from '#sync/schedule.ts'
import { takeRun } from '#sync/take-run.ts'
import { createSalonTenant, type Salon, sync } from '#test/tenants.ts'
import { createWriter, query, take, transaction } from '#test/pages.ts'

async function integration(salon: Salon) {
  return (await salon.call('GET', salon.path)).json
}

async function run(salon: Salon, id: string) {
  return (await salon.call('GET', `${salon.path}/runs/${id}`)).json
}

/** Lets the lease of whoever works on the integration run out, as after a worker's death. */
async function expireLease(salon: Salon) {
  await query(
    salon,
    sql`update crm_integrations set lease_until = now() - interval '1 second' where id = ${salon.integrationId}::uuid`,
  )
}

const FAILURE = { kind: 'unavailable', reason: null, params: {}, message: 'The CRM cannot be reached.' } as const

describe('starting a run', () => {
  it('answers with the active run instead of a second one, however many ask at once', async () => {
    const salon = await createSalonTenant()
    const answers = await Promise.all(Array.from({ length: 8 }, async () => salon.call('POST', `${salon.path}/sync`)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1)
  })

  it('is refused a second live run by the database itself', async () => {
    const salon = await createSalonTenant()
    await salon.call('POST', `${salon.path}/sync`)
    const insert = query(
      salon,
      sql`insert into sync_runs (integration_id, trigger, status, settings_epoch)
        values (${salon.integrationId}::uuid, 'schedule', 'queued', 0)`,
    )
    await expect(insert).rejects.toMatchObject({ cause: { constraint: 'sync_runs_one_live' } })
  })
})

describe('taking a run', () => {
  it('gives it to one worker only, though its message comes twice', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const taken = await Promise.all([1, 2, 3].map(async () => takeRun(salon.context, json.id)))
    expect(taken.filter((one) => one !== null)).toHaveLength(1)
  })

  it('refuses a run that is over, not due, or gone', async () => {
    const salon = await createSalonTenant()
    const held = await take(salon)
    await waitRun(salon.context, held, { seconds: 60, countsAsRetry: true, error: FAILURE })
    expect(await takeRun(salon.context, held.id)).toBeNull()
    await salon.call('POST', `${salon.path}/runs/${held.id}/cancel`)
    expect(await takeRun(salon.context, held.id)).toBeNull()
    expect(await takeRun(salon.context, crypto.randomUUID())).toBeNull()
  })

  it('fences the worker whose lease ran out, and costs the run an attempt', async () => {
    const writer = await createWriter()
    const { salon } = writer
    await writer.write([transaction('a')])
    await expireLease(salon)
    const second = await takeRun(salon.context, writer.run.id)
    expect(second).toMatchObject({ id: writer.run.id, attempt: 1, pages: 1, cursor: { at: 1 } })
    expect(await writer.write([transaction('late')])).toBeNull()
    expect(await renewLease(salon.context, writer.run)).toBe(false)
    expect(await finishRun(salon.context, writer.run, { status: 'succeeded' })).toBe(false)
    expect(await run(salon, writer.run.id)).toMatchObject({ status: 'running', counters: { inserted: 1 } })
    expect(await integration(salon)).toMatchObject({ totalSyncs: 0, lastSyncStatus: 'in_progress' })
  })

  it('fails a run whose page makes the worker die again and again', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    for (let death = 0; death < 4; death += 1) {
      expect(await takeRun(salon.context, json.id)).toMatchObject({ attempt: death })
      await expireLease(salon)
    }
    await runSlice(salon.context, json.id)
    const ended = await run(salon, json.id)
    expect(ended).toMatchObject({ status: 'failed', error: { kind: 'internal' } })
    expect(await integration(salon)).toMatchObject({ totalSyncs: 1, failedSyncs: 1, lastSyncStatus: 'failed' })
  })
})

describe('retrying', () => {
  it('tries three times again, tells when, and fails with the reason', async () => {
    const salon = await createSalonTenant({ variables: { SYNC_RETRY_BASE_SECONDS: '30' } })
    salon.sandbox.faults.plan.next = ['500', '500', '500', '500']
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const waits: number[] = []
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await runSlice(salon.context, json.id)
      const waiting = await run(salon, json.id)
      expect(waiting).toMatchObject({ status: 'waiting', attempt, error: { kind: 'unavailable' } })
      waits.push(Math.round((Date.parse(waiting.resumeAt) - Date.now()) / 1000))
      await query(salon, sql`update sync_runs set resume_at = now() where id = ${json.id}::uuid`)
    }
    expect(waits).toEqual([30, 120, 480])
    await runSlice(salon.context, json.id)
    expect(await run(salon, json.id)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(await integration(salon)).toMatchObject({
      totalSyncs: 1,
      successfulSyncs: 0,
      failedSyncs: 1,
      lastSyncStatus: 'failed',
      syncEnabled: false,
    })
    expect((await integration(salon)).lastError).toBeTruthy()
  })

  it('counts anew after a committed page', async () => {
    const salon = await createSalonTenant({ demo: true })
    salon.sandbox.faults.plan.next = ['500', '500', '500']
    salon.sandbox.faults.plan.path = '/records/'
    const first = await sync(salon)
    expect(first).toMatchObject({ status: 'succeeded', attempt: 0, error: null })
    expect(await integration(salon)).toMatchObject({ totalSyncs: 1, successfulSyncs: 1, lastError: null })
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
    const { transactionsSynced } = await integration(salon)
    expect(transactionsSynced).toBe(failed.counters.inserted + second.counters.inserted + second.counters.updated)
  })
})

describe('the sweep', () => {
  it('sends again a run whose message was lost, and only then', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    salon.context.messages.length = 0
    await sweepRuns(salon.context)
    expect(salon.context.messages.filter(({ body }) => body.runId === json.id)).toEqual([])
    await query(salon, sql`update sync_runs set enqueued_at = now() - interval '2 minutes' where id = ${json.id}::uuid`)
    await sweepRuns(salon.context)
    expect(salon.context.messages.filter(({ body }) => body.runId === json.id)).toHaveLength(1)
  })

  it('takes over a run whose worker died, at once', async () => {
    const salon = await createSalonTenant()
    const held = await take(salon)
    salon.context.messages.length = 0
    await sweepRuns(salon.context)
    expect(salon.context.messages.map(({ body }) => body.runId)).not.toContain(held.id)
    await expireLease(salon)
    await sweepRuns(salon.context)
    expect(salon.context.messages.map(({ body }) => body.runId)).toContain(held.id)
  })

  it('sends a run whose long wait is over', async () => {
    const salon = await createSalonTenant()
    const held = await take(salon)
    salon.context.messages.length = 0
    await waitRun(salon.context, held, { seconds: 7200, countsAsRetry: false, error: FAILURE })
    expect(salon.context.messages).toEqual([])
    const past = sql`resume_at = now() - interval '1 second', enqueued_at = now() - interval '2 hours'`
    await query(salon, sql`update sync_runs set ${past} where id = ${held.id}::uuid`)
    await sweepRuns(salon.context)
    expect(salon.context.messages.map(({ body }) => body.runId)).toContain(held.id)
  })
})

describe('cancelling', () => {
  it('ends the run at the next page border and keeps what was written', async () => {
    const writer = await createWriter()
    const { salon } = writer
    await writer.write([transaction('a')])
    const { status, json } = await salon.call('POST', `${salon.path}/runs/${writer.run.id}/cancel`)
    expect([status, json.status]).toEqual([202, 'cancelled'])
    expect(await writer.write([transaction('b')])).toBeNull()
    const { items } = (await salon.call('GET', `${salon.path}/transactions`)).json
    expect(items.map(({ externalId }: { externalId: string }) => externalId)).toEqual(['a'])
    expect(await integration(salon)).toMatchObject({ totalSyncs: 0, lastSyncStatus: null, transactionsSynced: 1 })
  })

  it('leaves a run that is over as it is', async () => {
    const salon = await createSalonTenant()
    const ended = await sync(salon)
    const { status, json } = await salon.call('POST', `${salon.path}/runs/${ended.id}/cancel`)
    expect([status, json.status]).toEqual([202, 'succeeded'])
  })
})

describe('statistics', () => {
  it('are exact after every kind of ending', async () => {
    const salon = await createSalonTenant({ demo: true })
    const first = await sync(salon)
    const second = await sync(salon)
    salon.sandbox.denied.add('licence')
    await sync(salon)
    const held = await take(salon)
    await salon.call('POST', `${salon.path}/runs/${held.id}/cancel`)
    expect(await integration(salon)).toMatchObject({
      totalSyncs: 3,
      successfulSyncs: 2,
      failedSyncs: 1,
      lastSyncStatus: 'failed',
      transactionsSynced: first.counters.inserted + second.counters.inserted + second.counters.updated,
    })
    const { counters } = first
    expect(counters.fetched).toBe(
      counters.inserted + counters.updated + counters.unchanged + counters.skipped + counters.quarantined,
    )
  })
})

describe('new settings', () => {
  it('fence the run that works with the old ones, and say so in it', async () => {
    const writer = await createWriter()
    const { salon, run: held } = writer
    await writer.write([transaction('a')])
    const changed = await salon.call('PATCH', salon.path, { credentials: { apiSecret: 'another' } })
    expect(changed.status).toBe(200)
    expect(await writer.write([transaction('b')])).toBeNull()
    expect(await run(salon, held.id)).toMatchObject({ status: 'cancelled', error: { kind: 'rejected' } })
    expect(await integration(salon)).toMatchObject({ totalSyncs: 0, transactionsSynced: 1, lastSyncStatus: null })
  })

  it('let versions start afresh: an older one from the new source counts', async () => {
    const writer = await createWriter()
    const { salon } = writer
    await writer.write([transaction('a', { sourceUpdatedAt: '2026-11-01T12:00:00Z' })])
    await salon.call('PATCH', salon.path, { credentials: { apiSecret: 'another' } })
    const next = await createWriter(salon)
    await next.write([transaction('a', { amountMinor: 1, sourceUpdatedAt: '2026-11-01T09:00:00Z' })])
    const { items } = (await salon.call('GET', `${salon.path}/transactions`)).json
    expect(items).toMatchObject([{ amountMinor: 1 }])
  })
})

describe('a slice', () => {
  it('hands a long run on to the next message and finishes it there', async () => {
    const salon = await createSalonTenant({ demo: true, countMax: 5 })
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    salon.context.messages.length = 0
    await runSlice(salon.context, json.id)
    const half = await run(salon, json.id)
    expect(half.status).toBe('running')
    expect(half.counters.pages).toBeLessThanOrEqual(50)
    expect(salon.context.messages.map(({ body }) => body.runId)).toEqual([json.id])
    await salon.context.drain()
    expect(await run(salon, json.id)).toMatchObject({ status: 'succeeded' })
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
    expect(await run(salon, json.id)).toMatchObject({ status: 'running', counters: { pages: 2 } })
    await expireLease(salon)
    await sweepRuns(salon.context)
    await salon.context.drain()
    expect(await run(salon, json.id)).toMatchObject({ status: 'succeeded' })
  })

  it('goes on by itself after it was released', async () => {
    const salon = await createSalonTenant()
    const held = await take(salon)
    salon.context.messages.length = 0
    await releaseRun(salon.context, held)
    expect(salon.context.messages.map(({ body }) => body.runId)).toEqual([held.id])
    expect(await takeRun(salon.context, held.id)).toMatchObject({ attempt: 0 })
  })
})
