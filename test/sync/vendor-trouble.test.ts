// A vendor that refuses many businesses at once is in trouble itself: nobody is switched off for it.
import { sql } from 'drizzle-orm'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { alarmsOf, engineHealth } from '#health/engine-health.ts'
import { CrmError } from '#lib/crm-error.ts'
import { failRun } from '#sync/fail-run.ts'
import { finishRun } from '#sync/finish-run.ts'
import { createFindings } from '#sync/run-issues.ts'
import { takeRun, type TakenRun } from '#sync/take-run.ts'
import { failConnection } from '#webhooks/fail-connection.ts'
import { createTestContext, type TestContext } from '#test/context.ts'

// No other test of this worker's database syncs many of this type.
const CRM = 'renovatio'
const REFUSED = new CrmError('auth')
let context: TestContext

beforeEach(async () => {
  context = createTestContext()
  await forget()
})
// Other tests of this worker's database stop integrations one by one.
afterAll(async () => forget())

async function forget(): Promise<void> {
  await context.db.execute(sql`delete from issues where code = 'vendor_trouble'`)
  await context.db.execute(sql`update crm_integrations set called_at = null, refused_at = null`)
}

/** Integrations that are switched on, and have called their CRM just now. */
async function switchedOn(count: number): Promise<string[]> {
  const { rows } = await context.db.execute<{ id: string }>(sql`
    with owners as (
      insert into businesses (id, name, timezone, currency)
      select gen_random_uuid(), 'Wave', 'UTC', 'RUB' from generate_series(1, ${count}::int) returning id)
    insert into crm_integrations (business_id, crm_type, sync_enabled, connection_status, called_at)
    select id, ${CRM}, true, 'ok', now() from owners returning id`)
  return rows.map(({ id }) => id)
}

async function take(integrationId: string): Promise<TakenRun> {
  const { rows } = await context.db.execute<{ id: string }>(sql`
    insert into sync_runs (integration_id, trigger, status, settings_epoch)
    values (${integrationId}::uuid, 'schedule', 'queued', 1) returning id`)
  const run = await takeRun(context, rows[0]?.id ?? '')
  if (!run) throw new Error('the run was not to be taken')
  return run
}

async function refuse(integrationId: string): Promise<string> {
  return failRun(context, await take(integrationId), { isCommitted: false, findings: createFindings() }, REFUSED)
}

async function refuseAll(ids: readonly string[]): Promise<void> {
  for (const id of ids) await refuse(id)
}

/** How many of them are off, and by whom. */
async function off(ids: readonly string[]) {
  const { rows } = await context.db.execute<{ stopped_by: string; count: number }>(sql`
    select stopped_by, count(*)::int as count from crm_integrations
    where not sync_enabled and id in (select value::uuid from json_array_elements_text(${JSON.stringify(ids)}::json))
    group by 1`)
  return Object.fromEntries(rows.map((row) => [row.stopped_by, row.count]))
}

async function open(code: string) {
  const { rows } = await context.db.execute(sql`
    select s.detail_key, s.integration_id from issues s left join crm_integrations i on i.id = s.integration_id
    where s.code = ${code} and s.resolved_at is null and (i.id is null or i.crm_type = ${CRM} and i.refused_at is not null)`)
  return rows
}

async function age(minutes: number) {
  const by = sql`${minutes} * interval '1 minute'`
  await context.db.execute(sql`
    update crm_integrations set refused_at = refused_at - ${by}, called_at = called_at - ${by} where crm_type = ${CRM}`)
  await context.db.execute(sql`
    update issues set last_seen_at = last_seen_at - ${by},
      params = params || jsonb_build_object('countedAt', ((params ->> 'countedAt')::timestamptz - ${by})::text)
    where code = 'vendor_trouble'`)
}

describe('a wave of refusals', () => {
  it('switches nobody off, however many workers see it at once, and has one issue and one alarm', async () => {
    const ids = await switchedOn(30)
    const outcomes = await Promise.all(ids.map(refuse))
    expect(await off(ids)).toEqual({})
    // The first ones were stopped before it was known, and are on again.
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(19)
    expect(outcomes.filter((outcome) => outcome === 'waiting')).toHaveLength(11)
    expect(await open('vendor_trouble')).toEqual([{ detail_key: CRM, integration_id: null }])
    expect(await open('connection_refused')).toEqual([])
    const { rows } = await context.db.execute(sql`
      select count(*)::int as count, bool_and(next_sync_at is not null and connection_status = 'ok') as is_due,
        bool_and(last_error like 'unavailable.refuses_many:%') as is_told
      from crm_integrations where refused_at is not null and last_error is not null and crm_type = ${CRM}`)
    expect(rows).toEqual([{ count: 19, is_due: true, is_told: true }])
    const health = await engineHealth(context, 'en')
    expect(health.vendorsInTrouble).toEqual([CRM])
    expect(alarmsOf(health, new Date())).toContain('vendor_trouble')
  })

  it('needs twenty', async () => {
    const ids = await switchedOn(20)
    await refuseAll(ids.slice(0, 19))
    expect(await off(ids)).toEqual({ vendor: 19 })
    expect(await open('connection_refused')).toHaveLength(19)
    await refuse(ids[19] ?? '')
    expect(await off(ids)).toEqual({})
  })

  it('needs more than a fifth of those that called', async () => {
    const ids = await switchedOn(104)
    await refuseAll(ids.slice(0, 20))
    expect(await off(ids)).toEqual({ vendor: 20 })
    await refuse(ids[20] ?? '')
    expect(await off(ids)).toEqual({})
  })

  it('counts ten minutes, and switches on only what they switched off, and never what a person did', async () => {
    const ids = await switchedOn(24)
    await refuseAll(ids.slice(0, 3))
    await age(11)
    await refuseAll(ids.slice(3, 22))
    expect(await off(ids)).toEqual({ vendor: 22 })
    await context.db.execute(sql`update crm_integrations set stopped_by = 'person' where id = ${ids[5] ?? ''}::uuid`)
    await refuse(ids[22] ?? '')
    expect(await off(ids)).toEqual({ vendor: 3, person: 1 })
  })

  it('counts refusals that hooks meet, too', async () => {
    const ids = await switchedOn(20)
    await refuseAll(ids.slice(0, 19))
    const last = (await take(ids[19] ?? '')).integration
    const integration = { ...last, isStopped: false, isRefusedForNow: false }
    expect(await failConnection(context, integration, REFUSED)).toBe(false)
    expect(await off(ids)).toEqual({})
    await age(11)
    await switchedOn(9)
    expect(await failConnection(context, integration, REFUSED)).toBe(true)
    expect(await off(ids)).toEqual({ vendor: 1 })
    expect(await open('connection_refused')).toHaveLength(1)
  })

  it('goes on while those that wait longer and longer are refused, and ends for those that are refused alone', async () => {
    const [first = '', second = '', ...ids] = await switchedOn(22)
    await refuseAll(ids)
    await age(11)
    expect(await refuse(first)).toBe('waiting')
    await age(11)
    // Of ten that call, two are no wave.
    await switchedOn(9)
    expect(await refuse(second)).toBe('failed')
    expect(await off([first, second])).toEqual({ vendor: 1 })
  })

  it('is over when a sync succeeds ten minutes after the last refusal', async () => {
    const [healthy = '', ...ids] = await switchedOn(21)
    await refuseAll(ids)
    await finishRun(context, await take(healthy), { status: 'succeeded' })
    expect(await open('vendor_trouble')).toHaveLength(1)
    await age(11)
    await finishRun(context, await take(healthy), { status: 'succeeded' })
    expect(await open('vendor_trouble')).toEqual([])
  })
})
