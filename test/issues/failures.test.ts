import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { engineHealth } from '#health/engine-health.ts'
import { CrmError } from '#lib/crm-error.ts'
import { failRun } from '#sync/fail-run.ts'
import { createFindings } from '#sync/run-issues.ts'
import { post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { openIssues } from '#test/issues.ts'
import { query, take } from '#test/pages.ts'
import { caller, createSalonTenant, type Salon, sync } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

describe('a sync that fails', () => {
  /** Fails a run whose retries are used up. */
  async function fail(salon: Salon, error: CrmError, change: object = {}) {
    const run = { ...(await take(salon)), attempt: 3, ...change }
    await failRun(salon.context, run, { isCommitted: false, findings: createFindings() }, error)
  }

  const codes = async (salon: Salon) => (await openIssues(salon)).map(({ code }) => code)

  it('has an issue that says whose turn it is, and the next sync ends it, however it ends', async () => {
    const salon = await createSalonTenant()
    await fail(salon, new CrmError('unavailable', { reason: 'timeout' }))
    await fail(salon, new CrmError('unavailable', { reason: 'connection' }))
    expect(await openIssues(salon)).toMatchObject([
      { code: 'crm_unavailable', whose_turn: 'vendor', count: 2, params: { reason: 'connection' } },
    ])
    await fail(salon, new CrmError('not_found'))
    expect(await openIssues(salon)).toMatchObject([{ code: 'settings_rejected', whose_turn: 'owner' }])
    await fail(salon, new CrmError('internal'))
    expect(await openIssues(salon)).toMatchObject([{ code: 'sync_failed', whose_turn: 'operator' }])
    expect(await sync(salon)).toMatchObject({ status: 'succeeded' })
    expect(await openIssues(salon)).toEqual([])
  })

  it('has none where a person waits for a file, and one of its own where it is a backfill', async () => {
    const salon = await createSalonTenant()
    await fail(salon, new CrmError('unavailable'), { isBulk: true, trigger: 'import' })
    expect(await codes(salon)).toEqual([])
    await fail(salon, new CrmError('unavailable'), { isBulk: true, trigger: 'backfill' })
    expect(await codes(salon)).toEqual(['backfill_failed'])
    await sync(salon)
    expect(await codes(salon)).toEqual(['backfill_failed'])
    expect((await salon.call('POST', `${salon.path}/backfill`, { from: '2026-10-01T00:00:00Z' })).status).toBe(202)
    await salon.context.drain()
    expect(await codes(salon)).toEqual([])
  })

  it('makes the sales late, also while it waits for the CRM, and a stop or new settings end that', async () => {
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    await sync(salon)
    const age = async (minutes: number) =>
      query(
        salon,
        sql`update crm_integrations set as_of = now() - ${minutes}::int * interval '1 minute' where id = ${salon.integrationId}::uuid`,
      )
    await age(9)
    await fail(salon, new CrmError('unavailable'))
    expect(await codes(salon)).toEqual(['crm_unavailable'])
    await age(11)
    await fail(salon, new CrmError('unavailable'))
    expect(await codes(salon)).toEqual(['crm_unavailable', 'data_late'])
    expect((await salon.call('GET', salon.path)).json.freshness.isLate).toBe(true)
    await query(
      salon,
      sql`update issues set since = now() - interval '31 minutes'
        where code = 'data_late' and integration_id = ${salon.integrationId}::uuid`,
    )
    const health = await engineHealth(salon.context, 'en')
    expect(health.schedule.on).toBeGreaterThanOrEqual(1)
    expect(health.issues.find(({ crmType }) => crmType === 'yclients')?.lateHalfHour).toBeGreaterThanOrEqual(1)
    await salon.call('PATCH', salon.path, { syncEnabled: false })
    expect(await codes(salon)).toEqual([])
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    await query(salon, sql`delete from sync_runs where integration_id = ${salon.integrationId}::uuid`)
    await fail(salon, new CrmError('rate_limited', { retryAfterMs: 600_000 }))
    expect(await openIssues(salon)).toMatchObject([
      { code: 'data_late', params: { asOf: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/) } },
    ])
    await query(salon, sql`update sync_runs set resume_at = now() where integration_id = ${salon.integrationId}::uuid`)
    expect(await sync(salon)).toMatchObject({ status: 'succeeded' })
    expect(await codes(salon)).toEqual([])
  })

  it('or succeeds while hooks are silent, has an issue of that until one arrives', async () => {
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const missed = (since: string) =>
      query(
        salon,
        sql`update crm_integrations set webhook_missed_at = now() - ${since}::interval where id = ${salon.integrationId}::uuid`,
      )
    await missed('9 minutes')
    await sync(salon)
    expect(await codes(salon)).toEqual([])
    await missed('11 minutes')
    await sync(salon)
    expect(await codes(salon)).toEqual(['hooks_silent'])
    await post(salon, visitEvent(1))
    await workOffHooks(salon)
    expect(await codes(salon)).toEqual([])
  })
})

describe('the lists of issues', () => {
  it('show what is wrong in the caller’s language, newest first and page by page, to its tenant alone', async () => {
    const salon = await createSalonTenant()
    await query(
      salon,
      sql`insert into issues (business_id, integration_id, code, detail_key, severity, whose_turn, params, since, resolved_at)
        select ${salon.businessId}::uuid, ${salon.integrationId}::uuid, 'side_list_refused', n, 'warning', 'owner',
          '{"kind":"forbidden","list":"bin"}', now() - n::int * interval '1 minute', case when n = '2' then now() end
        from unnest(array['1', '2', '3']) as n`,
    )
    const list = async (search: string) =>
      (await salon.call('GET', `${salon.path}/issues${search}`, undefined, { 'accept-language': 'ru' })).json
    const first = await list('?limit=2')
    expect(first.items).toMatchObject([
      {
        ...{ businessId: salon.businessId, integrationId: salon.integrationId, endpointId: null },
        ...{ code: 'side_list_refused', severity: 'warning', whoseTurn: 'owner', count: 1, resolvedAt: null },
        title: 'Один из списков CRM не читается',
        detail: expect.stringContaining('CRM не даёт список «bin»'),
      },
      { resolvedAt: expect.stringMatching(/Z$/) },
    ])
    const { items } = await list(`?limit=2&cursor=${first.nextCursor}`)
    expect(items).toHaveLength(1)
    expect((await list('?open=true')).items).toHaveLength(2)
    expect((await list('?open=false')).items).toHaveLength(1)
    const other = await createSalonTenant()
    expect((await other.call('GET', `${salon.path}/issues`)).status).toBe(404)
    expect((await salon.call('GET', '/v1/admin/issues')).status).toBe(403)
    const admin = caller(salon.context, await adminToken())
    const all = async (search: string) =>
      (await admin('GET', `/v1/admin/issues?businessId=${salon.businessId}${search}`)).json.items
    expect(await all('')).toHaveLength(3)
    expect(await all('&crmType=yclients&open=true&severity=warning&whoseTurn=owner')).toHaveLength(2)
    expect(await all('&crmType=iiko')).toEqual([])
    expect(await all('&code=brake')).toEqual([])
  })
})
