// What the engine does for itself: dead letters, a slower schedule after failures, and what it tells an operator.
import { createMessageBatch } from 'cloudflare:test'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { consume } from '#jobs/consume.ts'
import { ALARMS } from '#health/alarms.ts'
import { alarmsOf, engineHealth } from '#health/engine-health.ts'
import { claimDue } from '#jobs/claim-due.ts'
import { expireLease, integrationOf, keepOwn, query, runOf, take } from '#test/pages.ts'
import { caller, createSalonTenant, type Salon, sync } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'
import { used } from '#test/used-salon.ts'

/** The queue gives a message up, and the sweep sends it again. */
async function bury(salon: Salon, runId: string) {
  const batch = createMessageBatch('crm-dead', [
    { id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body: { kind: 'runs', runIds: [runId] } },
  ])
  await consume(batch, salon.context)
  await query(salon, sql`update sync_runs set enqueued_at = now() where id = ${runId}::uuid`)
}

async function deadLetters(salon: Salon) {
  return query(
    salon,
    sql`select dead_letters, dead_letter_at is not null as is_dated from sync_runs where integration_id = ${salon.integrationId}::uuid`,
  )
}

describe('a dead letter', () => {
  it('is kept on its run, which goes on', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    await bury(salon, json.id)
    expect(await deadLetters(salon)).toEqual([{ dead_letters: 1, is_dated: true }])
    await salon.context.drain()
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded' })
  })

  it('fails a run that dies every time, in the end', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    for (let death = 1; death <= 3; death += 1) await bury(salon, json.id)
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'queued', attempt: 3 })
    await bury(salon, json.id)
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'failed', error: { code: 'internal.worker_lost' } })
    expect(await integrationOf(salon)).toMatchObject({ totalSyncs: 1, failedSyncs: 1 })
  })

  it('costs a run that somebody works on nothing', async () => {
    const salon = await createSalonTenant()
    const held = await take(salon)
    for (let death = 1; death <= 5; death += 1) await bury(salon, held.id)
    expect(await runOf(salon, held.id)).toMatchObject({ status: 'running', attempt: 0 })
    expect(await deadLetters(salon)).toEqual([{ dead_letters: 5, is_dated: true }])
  })

  it('of a run that is over changes nothing', async () => {
    const salon = await createSalonTenant()
    const ended = await sync(salon)
    await bury(salon, ended.id)
    expect(await runOf(salon, ended.id)).toEqual(ended)
  })
})

describe('a schedule that fails', () => {
  async function failing(minutes = 10): Promise<Salon> {
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { syncEnabled: true, syncIntervalMinutes: minutes })
    salon.sandbox.faults.plan.rate = 1
    return salon
  }

  async function minutesToNext(salon: Salon) {
    return (Date.parse((await integrationOf(salon)).nextSyncAt) - Date.now()) / 60_000
  }

  async function runDue(salon: Salon) {
    await query(
      salon,
      sql`update crm_integrations set next_sync_at = now() - interval '1 second' where id = ${salon.integrationId}::uuid`,
    )
    await claimDue(salon.context)
    await keepOwn(salon)
    await salon.context.drain()
  }

  it('is slowed down twofold each time, to a day at most', async () => {
    const salon = await failing()
    for (const expected of [20, 40, 80, 160, 320, 640, 1280, 1440, 1440]) {
      await runDue(salon)
      const minutes = await minutesToNext(salon)
      expect(minutes).toBeGreaterThan(expected * 0.89)
      expect(minutes).toBeLessThan(expected * 1.11)
    }
  })

  it('never waits longer than a day, whatever the jitter', async () => {
    const salon = await createSalonTenant()
    const [row] = await query(
      salon,
      sql`select max(extract(epoch from backoff_slot(1440, null, 20) - now()))::int as seconds
        from generate_series(1, 500)`,
    )
    expect(row).toEqual({ seconds: 24 * 3600 })
  })

  it('is restored by a success, also by a manual one', async () => {
    const salon = await failing()
    for (let n = 0; n < 5; n += 1) await runDue(salon)
    expect(await minutesToNext(salon)).toBeGreaterThan(250)
    salon.sandbox.faults.plan.rate = 0
    expect(await sync(salon)).toMatchObject({ status: 'succeeded' })
    expect(await minutesToNext(salon)).toBeLessThanOrEqual(10)
    salon.sandbox.faults.plan.rate = 1
    await runDue(salon)
    expect(await minutesToNext(salon)).toBeLessThan(23)
  })

  it('is restored by new settings', async () => {
    const salon = await failing()
    for (let n = 0; n < 5; n += 1) await runDue(salon)
    salon.sandbox.faults.plan.rate = 0
    const { companyId } = salon.sandbox.credentials
    const change = { additionalConfig: { companyId, initialDays: 30 }, syncEnabled: true }
    expect((await salon.call('PATCH', salon.path, change)).status).toBe(200)
    expect(await minutesToNext(salon)).toBeLessThanOrEqual(0)
    salon.sandbox.faults.plan.rate = 1
    await runDue(salon)
    expect(await minutesToNext(salon)).toBeLessThan(23)
  })

  it.each([1, 1440])('keeps an interval of %i minutes while all is well', async (minutes) => {
    const salon = await failing(minutes)
    salon.sandbox.faults.plan.rate = 0
    await runDue(salon)
    expect(await minutesToNext(salon)).toBeGreaterThan(0)
    expect(await minutesToNext(salon)).toBeLessThanOrEqual(minutes)
  })

  it('tells that it goes on by itself, and when a single try is next', async () => {
    const salon = await failing()
    await runDue(salon)
    expect((await integrationOf(salon)).lastError).toMatch(/next scheduled sync/)
    const { items } = (await salon.call('GET', `${salon.path}/runs`)).json
    expect(items[0].error.message).toMatch(/next scheduled sync/)
  })
})

describe('the operator’s look', () => {
  it('is for the operator', async () => {
    const salon = await createSalonTenant()
    expect((await salon.call('GET', '/v1/admin/health')).status).toBe(403)
    const { status, json } = await caller(salon.context, await adminToken())('GET', '/v1/admin/health')
    expect(status).toBe(200)
    expect(json).toMatchObject({ queue: { messages: 0 }, schedule: { due: expect.any(Number) } })
    expect(json.history).toEqual({ monthsAhead: 3 })
  })

  it('sees what is late, silent, dead and in quarantine', async () => {
    const salon = await used()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const late = sql`next_sync_at = now() - interval '10 years', consecutive_failures = 3`
    await query(salon, sql`update crm_integrations set ${late} where id = ${salon.integrationId}::uuid`)
    const other = await createSalonTenant()
    const held = await take(other)
    await bury(other, held.id)
    await expireLease(other)
    const silent = sql`heartbeat_at = now() - interval '11 minutes', enqueued_at = now() - interval '11 minutes',
      created_at = now() - interval '10 years'`
    await query(other, sql`update sync_runs set ${silent} where id = ${held.id}::uuid`)
    const health = await engineHealth(salon.context, 'en')
    expect(health.schedule.oldestDue).toMatchObject({ integrationId: salon.integrationId })
    expect(health.schedule.failing).toBeGreaterThanOrEqual(1)
    expect(health.activeRuns.oldest).toMatchObject({ runId: held.id })
    expect(health.activeRuns.silent).toBeGreaterThanOrEqual(1)
    expect(health.activeRuns.byAge.older).toBeGreaterThanOrEqual(1)
    expect(health.deadLetters.runsLastDay).toBeGreaterThanOrEqual(1)
    expect(health.quarantine.records).toBeGreaterThanOrEqual(1)
    expect(health.status).toBe('attention')
    expect(health.alarms.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['run_silent', 'schedule_late', 'dead_letters']),
    )
    await salon.call('PATCH', salon.path, { syncEnabled: false })
    await other.call('DELETE', other.path)
  })

  it('raises each alarm by its own measure, and none when all is well', () => {
    const lost = (lastDay: number) => {
      const counts = { errors: 2, warnings: 1, infos: 0, connectionsLost: 2, connectionsLostLastDay: lastDay }
      return { crmType: 'iiko', ...counts, late: 900, lateHalfHour: 19 }
    }
    const oldestDue = { integrationId: crypto.randomUUID(), dueAt: '', lateSeconds: 60 }
    const ages = { minute: 0, tenMinutes: 0, hour: 0, day: 0, older: 0 }
    const well = {
      queue: { messages: 0, oldestMessageAt: null },
      schedule: { due: 3, oldestDue, on: 1999, failing: 4 },
      activeRuns: { queued: 1, running: 1, waiting: 1, byAge: ages, silent: 0, oldest: null },
      webhooks: {
        ...{ waiting: 9, failedLastDay: 2, rejectedLastDay: 7, refusals: [] },
        oldest: { integrationId: crypto.randomUUID(), dueAt: '', lateSeconds: 600 },
      },
      events: {
        ...{ waiting: 5000, unattended: 0 },
        oldest: { endpointId: crypto.randomUUID(), dueAt: '', lateSeconds: 9000 },
      },
      startProblem: null,
      deadLetters: { runsLastDay: 0, lastAt: '2026-01-01T00:00:00.000Z' },
      quarantine: { records: 5000, integrations: 3, lastDay: 100 },
      history: { monthsAhead: 2 },
      keys: [],
      vendorsInTrouble: [],
      issues: [lost(0)],
      pendingMigrations: 0,
      listsShort: [],
    }
    const now = new Date('2026-11-24T12:00:00Z')
    expect(alarmsOf(well, now)).toEqual([])
    const raised = [
      { ...well, keys: [{ id: 'k1', values: 1, countedAt: null, isFirst: false, isKnown: false }] },
      { ...well, pendingMigrations: 1 },
      { ...well, queue: null },
      { ...well, activeRuns: { ...well.activeRuns, silent: 1 } },
      { ...well, schedule: { ...well.schedule, oldestDue: { ...well.schedule.oldestDue, lateSeconds: 301 } } },
      { ...well, queue: { messages: 1, oldestMessageAt: '2026-11-24T11:39:00.000Z' } },
      { ...well, webhooks: { ...well.webhooks, oldest: { ...well.webhooks.oldest, lateSeconds: 601 } } },
      { ...well, events: { ...well.events, unattended: 1 } },
      { ...well, webhooks: { ...well.webhooks, refusals: [{ crmType: '', refused: 21, stored: 379, share: 0.053 }] } },
      { ...well, deadLetters: { ...well.deadLetters, runsLastDay: 1 } },
      { ...well, vendorsInTrouble: ['iiko'] },
      { ...well, issues: [lost(1)] },
      { ...well, listsShort: ['altegio'] },
      { ...well, history: { monthsAhead: 1 } },
      { ...well, issues: [{ ...lost(0), lateHalfHour: 20 }] },
      { ...well, schedule: { ...well.schedule, failing: 5 } },
      { ...well, quarantine: { ...well.quarantine, lastDay: 101 } },
    ].map((measured) => alarmsOf(measured, now))
    expect(raised).toEqual(Object.keys(ALARMS).map((code) => [code]))
    const large = { ...well, schedule: { ...well.schedule, on: 2000 } }
    expect(alarmsOf({ ...large, issues: [{ ...lost(0), lateHalfHour: 20 }] }, now)).toEqual([])
    expect(alarmsOf({ ...well, startProblem: 'wrong_keys' }, now)).toEqual(['wrong_keys'])
  })

  it('says so when the queue does not answer', async () => {
    const salon = await createSalonTenant()
    const metrics = async () => {
      throw new Error('no queue')
    }
    const queues = { ...salon.context.queues, hooks: { ...salon.context.queues.hooks, metrics } }
    const health = await engineHealth({ ...salon.context, queues }, 'en')
    expect(health.queue).toBeNull()
    expect(health.alarms.map(({ code }) => code)).toContain('queue_unreachable')
  })
})
