// Syncs that fall due before the next tick are claimed by this one, and each begins at its own second.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { engineHealth } from '#health/engine-health.ts'
import { claimDue } from '#jobs/claim-due.ts'
import { runCron } from '#jobs/cron.ts'
import { CrmError } from '#lib/crm-error.ts'
import { isTimeZone } from '#lib/time.ts'
import { requestRescan } from '#webhooks/rescan.ts'
import { failConnection } from '#webhooks/fail-connection.ts'
import { claimInbox } from '#webhooks/inbox.ts'
import { takeRun } from '#sync/take-run.ts'
import { runSlice } from '#sync/run-slice.ts'
import { paidVisit, post, visitEvent } from '#test/hooks.ts'
import { moveToNoon } from '#test/noon.ts'
import { integrationOf, keepOwn, query, runOf } from '#test/pages.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

async function enabledSalon(syncIntervalMinutes = 10): Promise<Salon> {
  const salon = await createSalonTenant()
  const { status, text } = await salon.call('PATCH', salon.path, { syncEnabled: true, syncIntervalMinutes })
  if (status !== 200) throw new Error(text)
  await moveToNoon(salon)
  return salon
}

const dueIn = async (salon: Salon, seconds: number) =>
  query(
    salon,
    sql`update crm_integrations set next_sync_at = now() + ${seconds}::int * interval '1 second'
      where id = ${salon.integrationId}::uuid`,
  )

const runs = async (salon: Salon) => (await salon.call('GET', `${salon.path}/runs`)).json.items

/** A salon with a run that was claimed and begins in so many seconds. */
async function claimedSalon(seconds = 30) {
  const salon = await enabledSalon()
  await dueIn(salon, seconds)
  await claimDue(salon.context)
  await keepOwn(salon)
  const [run] = await runs(salon)
  return { salon, run }
}

/** As if its time had come. */
const reach = async (salon: Salon, runId: string) =>
  query(salon, sql`update sync_runs set resume_at = now() - interval '1 second' where id = ${runId}::uuid`)

describe('a claim', () => {
  it('takes what is due within a minute, and its message waits for exactly that second', async () => {
    const { salon, run } = await claimedSalon(30)
    expect(run).toMatchObject({ trigger: 'schedule', status: 'queued', startedAt: null })
    expect(Math.abs(Date.parse(run.resumeAt) - Date.now() - 30_000)).toBeLessThan(5000)
    expect(salon.context.messages).toMatchObject([{ lane: 'live', body: { runIds: [run.id] } }])
    const [message] = salon.context.messages
    expect(message?.delaySeconds).toBeGreaterThanOrEqual(25)
    expect(message?.delaySeconds).toBeLessThanOrEqual(30)
    const later = await enabledSalon()
    await dueIn(later, 90)
    await claimDue(later.context)
    expect(await runs(later)).toEqual([])
  })

  it('is taken when its time has come, and not before', async () => {
    const { salon, run } = await claimedSalon()
    expect(await takeRun(salon.context, run.id)).toBeNull()
    await reach(salon, run.id)
    expect(await takeRun(salon.context, run.id)).toMatchObject({ id: run.id, trigger: 'schedule', isNightly: false })
  })

  it('is taken in a zone that the Worker knows by a name that Postgres does not', async () => {
    const { salon, run } = await claimedSalon()
    const timezone = 'Canada/East-Saskatchewan'
    expect(isTimeZone(timezone)).toBe(true)
    await query(salon, sql`update businesses set timezone = ${timezone} where id = ${salon.businessId}::uuid`)
    await reach(salon, run.id)
    expect(await takeRun(salon.context, run.id)).toMatchObject({ id: run.id, integration: { timezone } })
  })

  it('shows its time as the next sync until it begins, and then the slot after it', async () => {
    const { salon, run } = await claimedSalon()
    const stored = sql`select extract(epoch from next_sync_at)::float8 as at from crm_integrations where id = ${salon.integrationId}::uuid`
    const [{ at: following } = { at: 0 }] = await query(salon, stored)
    expect((await integrationOf(salon)).nextSyncAt).toBe(run.resumeAt)
    const { items } = (await salon.call('GET', '/v1/integrations')).json
    expect(items).toMatchObject([{ nextSyncAt: run.resumeAt }])
    await reach(salon, run.id)
    await takeRun(salon.context, run.id)
    expect(Date.parse((await integrationOf(salon)).nextSyncAt)).toBe(Number(following) * 1000)
    expect(Number(following) * 1000).toBeGreaterThan(Date.parse(run.resumeAt))
  })

  it('is no work yet that an operator would count', async () => {
    const salon = await enabledSalon()
    await dueIn(salon, 30)
    const before = await engineHealth(salon.context, 'en')
    await claimDue(salon.context)
    const after = await engineHealth(salon.context, 'en')
    expect(after.activeRuns.queued).toBe(before.activeRuns.queued)
  })

  it('does not come twice for one slot, and holds no backfill up', async () => {
    const { salon, run } = await claimedSalon()
    await claimDue(salon.context)
    expect(await runs(salon)).toHaveLength(1)
    const { json } = await salon.call('POST', `${salon.path}/backfill`, { from: '2026-11-01T00:00:00Z' })
    await runSlice(salon.context, json.id)
    expect(await runOf(salon, json.id)).not.toMatchObject({ status: 'queued' })
    expect(await runOf(salon, run.id)).toMatchObject({ status: 'queued' })
  })

  it('leaves the slot of an integration that is at work until it is due, since the run may be over by then', async () => {
    const salon = await enabledSalon()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    await dueIn(salon, 30)
    const before = (await integrationOf(salon)).nextSyncAt
    await claimDue(salon.context)
    expect((await integrationOf(salon)).nextSyncAt).toBe(before)
    await runSlice(salon.context, json.id)
    await claimDue(salon.context)
    expect(await runs(salon)).toHaveLength(2)
  })

  it('is sent again a minute after its time when its message was lost, and not before', async () => {
    const { salon, run } = await claimedSalon()
    salon.context.messages.length = 0
    await reach(salon, run.id)
    await runCron(salon.context)
    await keepOwn(salon)
    expect(salon.context.messages).toEqual([])
    const old = sql`enqueued_at = now() - interval '61 seconds'`
    await query(salon, sql`update sync_runs set ${old} where id = ${run.id}::uuid`)
    await runCron(salon.context)
    await keepOwn(salon)
    expect(salon.context.messages).toMatchObject([{ lane: 'live', body: { runIds: [run.id] } }])
  })
})

describe('a run that was claimed ahead', () => {
  it('becomes the manual run of a person, and begins at once; its own message then finds nothing to do', async () => {
    const { salon, run } = await claimedSalon()
    const [later] = salon.context.messages.splice(0)
    const { status, json } = await salon.call('POST', `${salon.path}/sync`)
    expect([status, json]).toMatchObject([202, { id: run.id, trigger: 'manual', status: 'queued', resumeAt: null }])
    expect(salon.context.messages).toMatchObject([{ body: { runIds: [run.id] }, delaySeconds: 0 }])
    await salon.context.drain()
    expect(await runOf(salon, run.id)).toMatchObject({ status: 'succeeded', trigger: 'manual' })
    if (later) await salon.context.queues.live.sendBatch([later])
    await salon.context.drain()
    expect(await integrationOf(salon)).toMatchObject({ totalSyncs: 1 })
    // Once it is due it is active like any other, and stays what it is.
    const due = await claimedSalon()
    await reach(due.salon, due.run.id)
    expect((await due.salon.call('POST', `${due.salon.path}/sync`)).json).toMatchObject({
      ...{ id: due.run.id, trigger: 'schedule' },
    })
  })

  it('is cancelled when a person switches sync off', async () => {
    const { salon, run } = await claimedSalon()
    await salon.call('PATCH', salon.path, { syncEnabled: false })
    expect(await runOf(salon, run.id)).toMatchObject({ status: 'cancelled', error: null, resumeAt: null })
    expect(await integrationOf(salon)).toMatchObject({ nextSyncAt: null, totalSyncs: 0, lastSyncStatus: null })
    await salon.context.drain()
    expect(await runOf(salon, run.id)).toMatchObject({ startedAt: null })
  })

  it('is cancelled when a hook finds that the CRM refuses', async () => {
    const { salon, run } = await claimedSalon()
    await post(salon, visitEvent(paidVisit(salon)))
    const claim = await claimInbox(salon.context, salon.integrationId)
    if (!claim) throw new Error('nothing in the inbox')
    await failConnection(salon.context, claim.integration, new CrmError('auth', {}))
    expect(await runOf(salon, run.id)).toMatchObject({ status: 'cancelled', startedAt: null })
    expect(await integrationOf(salon)).toMatchObject({ syncEnabled: false, nextSyncAt: null })
  })

  it('ends by new settings, and the next one is of their epoch', async () => {
    const { salon, run } = await claimedSalon()
    await salon.call('PATCH', salon.path, {
      syncEnabled: true,
      additionalConfig: { companyId: 540_112, initialDays: 3 },
    })
    expect(await runOf(salon, run.id)).toMatchObject({ status: 'cancelled', error: { kind: 'rejected' } })
    await claimDue(salon.context)
    await keepOwn(salon)
    await salon.context.drain()
    expect((await runs(salon))[0]).toMatchObject({ trigger: 'schedule', status: 'succeeded' })
  })

  it('goes with its integration', async () => {
    const { salon } = await claimedSalon()
    expect((await salon.call('DELETE', salon.path)).status).toBe(204)
    await salon.context.drain()
    expect(salon.context.logged.join('')).not.toContain('slice_crashed')
  })

  it('begins at once for hooks that ask for a rescan', async () => {
    const { salon, run } = await claimedSalon()
    salon.context.messages.length = 0
    await post(salon, visitEvent(paidVisit(salon)))
    const claim = await claimInbox(salon.context, salon.integrationId)
    const settled = await requestRescan(salon.context, salon.integrationId, {
      rescans: claim?.deliveries ?? [],
      isFlood: false,
    })
    expect([...settled.values()]).toMatchObject([{ status: 'done' }])
    expect(await runOf(salon, run.id)).toMatchObject({ trigger: 'webhook', status: 'queued', resumeAt: null })
    expect(salon.context.messages).toContainEqual({
      ...{ lane: 'live', body: { kind: 'runs', runIds: [run.id] }, delaySeconds: 0 },
    })
  })
})

describe('the backlog of the queue', () => {
  /** A context whose live queue holds so many messages. */
  function holding(salon: Salon, backlogCount: number) {
    const metrics = async () => ({ backlogCount, backlogBytes: 0, oldestMessageTimestamp: new Date() })
    const queues = { ...salon.context.queues, live: { ...salon.context.queues.live, metrics } }
    return { ...salon.context, queues }
  }

  it('bounds the claim: what is due waits in the database', async () => {
    const salon = await enabledSalon()
    await dueIn(salon, -1)
    await runCron(holding(salon, 25_000))
    expect(await runs(salon)).toEqual([])
    await runCron(holding(salon, 24_000))
    expect(await runs(salon)).toHaveLength(1)
  })

  it('makes the sweep wait: a message behind many others is not lost', async () => {
    const { salon, run } = await claimedSalon()
    salon.context.messages.length = 0
    const old = sql`resume_at = now() - interval '2 minutes', enqueued_at = now() - interval '2 minutes'`
    await query(salon, sql`update sync_runs set ${old} where id = ${run.id}::uuid`)
    await runCron(holding(salon, 24_000))
    await keepOwn(salon)
    expect(salon.context.messages).toEqual([])
    await runCron(holding(salon, 0))
    await keepOwn(salon)
    expect(salon.context.messages).toMatchObject([{ body: { runIds: [run.id] } }])
  })
})

describe('the wide scan of the night', () => {
  it('makes the run to which it falls one of the bulk queue', async () => {
    const often = await claimedSalon(5)
    await reach(often.salon, often.run.id)
    expect(await takeRun(often.salon.context, often.run.id)).toMatchObject({ isNightly: false })
    // Between two syncs a day apart there is always a night.
    const daily = async () => {
      const salon = await enabledSalon(1440)
      await dueIn(salon, 5)
      await claimDue(salon.context)
      await keepOwn(salon)
      return { salon, run: (await runs(salon))[0] }
    }
    const { salon, run } = await daily()
    await reach(salon, run.id)
    await salon.context.takeOne()
    expect(salon.context.messages).toMatchObject([{ lane: 'bulk', body: { runIds: [run.id] } }])
    expect(await takeRun(salon.context, run.id)).toMatchObject({ isNightly: true })
    // What a person starts is no work of the night.
    const asked = await daily()
    expect((await asked.salon.call('POST', `${asked.salon.path}/sync`)).json.id).toBe(asked.run.id)
    expect(await takeRun(asked.salon.context, asked.run.id)).toMatchObject({ isNightly: false, trigger: 'manual' })
  })
})
