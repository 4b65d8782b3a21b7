import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { updateIntegration } from '#integrations/update.ts'
import { renewLease, waitRun } from '#sync/end-slice.ts'
import { finishRun } from '#sync/finish-run.ts'
import { runSlice } from '#sync/run-slice.ts'
import { sweepRuns } from '#jobs/cron.ts'
import { takeRun } from '#sync/take-run.ts'
import { createSalonTenant, sync } from '#test/tenants.ts'
import { createWriter, expireLease, integrationOf, query, runOf, sentRuns, take, transaction } from '#test/pages.ts'

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
    expect(second).toMatchObject({ id: writer.run.id, attempt: 0, pages: 1, cursor: { at: 1 } })
    expect(await writer.write([transaction('late')])).toBeNull()
    expect(await renewLease(salon.context, writer.run)).toBe(false)
    expect(await finishRun(salon.context, writer.run, { status: 'succeeded' })).toBe('fenced')
    expect(await runOf(salon, writer.run.id)).toMatchObject({ status: 'running', counters: { inserted: 1 } })
    expect(await integrationOf(salon)).toMatchObject({ totalSyncs: 0, lastSyncStatus: 'in_progress' })
  })

  it('fails a run whose page makes the worker die again and again', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    // The first death may be another run's.
    for (const attempt of [0, 0, 1, 2, 3]) {
      expect(await takeRun(salon.context, json.id)).toMatchObject({ attempt })
      await expireLease(salon)
    }
    await runSlice(salon.context, json.id)
    const ended = await runOf(salon, json.id)
    expect(ended).toMatchObject({ status: 'failed', error: { kind: 'internal' } })
    expect(await integrationOf(salon)).toMatchObject({ totalSyncs: 1, failedSyncs: 1, lastSyncStatus: 'failed' })
  })
})

describe('a long page', () => {
  it('that is committed in part counts as no progress: dying over the rest ends the run', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const page = Array.from({ length: 1001 }, (_, n) => transaction(`t${n}`))
    for (const attempt of [0, 0, 1, 2, 3]) {
      const writer = await createWriter(salon)
      expect(writer.run).toMatchObject({ id: json.id, attempt, cursor: null })
      // The first thousand is written, and then there is no way through any more.
      salon.context.databaseFaults.push('unanswered', 'unsent', 'unsent')
      await expect(writer.write(page)).rejects.toThrow()
      await expireLease(salon)
    }
    await runSlice(salon.context, json.id)
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'failed', error: { code: 'internal.worker_lost' } })
  })
})

describe('the sweep', () => {
  it('sends again a run whose message was lost, and only then', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    salon.context.messages.length = 0
    await sweepRuns(salon.context)
    expect(sentRuns(salon).filter((id) => id === json.id)).toEqual([])
    await query(salon, sql`update sync_runs set enqueued_at = now() - interval '2 minutes' where id = ${json.id}::uuid`)
    await sweepRuns(salon.context)
    expect(sentRuns(salon).filter((id) => id === json.id)).toHaveLength(1)
  })

  it('takes over a run whose worker died, at once', async () => {
    const salon = await createSalonTenant()
    const held = await take(salon)
    salon.context.messages.length = 0
    await sweepRuns(salon.context)
    expect(sentRuns(salon)).not.toContain(held.id)
    await expireLease(salon)
    await sweepRuns(salon.context)
    expect(sentRuns(salon)).toContain(held.id)
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
    expect(sentRuns(salon)).toContain(held.id)
  })
})

describe('somebody else’s run', () => {
  it('is not found under one’s own integration', async () => {
    const [own, other] = [await createSalonTenant(), await createSalonTenant()]
    const { json } = await other.call('POST', `${other.path}/sync`)
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/cancel'],
    ] as const) {
      const answer = await own.call(method, `${own.path}/runs/${json.id}${path}`)
      expect([answer.status, answer.json.code]).toEqual([404, 'not_found'])
    }
    expect((await other.call('GET', `${other.path}/runs/${json.id}`)).json.status).toBe('queued')
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
    expect(await integrationOf(salon)).toMatchObject({ totalSyncs: 0, lastSyncStatus: null, transactionsSynced: 1 })
  })

  it('of a run that waits in line does not hide that another one works', async () => {
    const salon = await createSalonTenant()
    await sync(salon)
    const waiting = await salon.call('POST', `${salon.path}/backfill`, { from: '2026-01-01T00:00:00Z' })
    const held = await take(salon)
    await salon.call('POST', `${salon.path}/runs/${waiting.json.id}/cancel`)
    expect(await integrationOf(salon)).toMatchObject({ lastSyncStatus: 'in_progress' })
    await salon.call('POST', `${salon.path}/runs/${held.id}/cancel`)
    expect(await integrationOf(salon)).toMatchObject({ lastSyncStatus: 'success' })
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
    expect(await integrationOf(salon)).toMatchObject({
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

describe('credentials that the CRM refuses', () => {
  it('leave sync switched off, though somebody changes the schedule at that very moment', async () => {
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const held = await take(salon)
    const checkedAt = (await integrationOf(salon)).connection.checkedAt
    const refused = { ...FAILURE, kind: 'auth' } as const
    const update = updateIntegration(salon.context, {
      ...{ integrationId: salon.integrationId, tenant: salon.businessId, language: 'en' },
      showsSales: true,
      requestUrl: 'https://api.example.com',
      change: { syncIntervalMinutes: 30 },
      // Between reading the row and writing it.
      precondition: async () => {
        await finishRun(salon.context, held, { status: 'failed', error: refused, turnsSyncOff: true })
      },
    })
    await expect(update).resolves.toMatchObject({ syncIntervalMinutes: 30, syncEnabled: false })
    const after = await integrationOf(salon)
    expect(after).toMatchObject({ syncEnabled: false, nextSyncAt: null, connection: { status: 'failed' } })
    expect(Date.parse(after.connection.checkedAt)).toBeGreaterThan(Date.parse(checkedAt))
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
    expect(await runOf(salon, held.id)).toMatchObject({ status: 'cancelled', error: { kind: 'rejected' } })
    expect(await integrationOf(salon)).toMatchObject({ totalSyncs: 0, transactionsSynced: 1, lastSyncStatus: null })
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
