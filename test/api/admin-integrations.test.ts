// What an operator sees of all integrations, and has tested.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { listIntegrations } from '#integrations/list.ts'
import { runCron } from '#jobs/cron.ts'
import { sweepRetests, workRetest } from '#retests/work.ts'
import { query } from '#test/pages.ts'
import { caller, createSalonTenant, type Salon } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

const admin = async ({ context }: Pick<Salon, 'context'>) => caller(context, await adminToken())

async function set(salon: Salon, change: ReturnType<typeof sql>) {
  await query(salon, sql`update crm_integrations set ${change} where id = ${salon.integrationId}::uuid`)
}

describe('the list of all integrations', () => {
  async function found(salon: Salon, search: string): Promise<boolean> {
    const { status, json } = await (await admin(salon))('GET', `/v1/admin/integrations?limit=200&${search}`)
    expect(status).toBe(200)
    return json.items.some(({ id }: { id: string }) => id === salon.integrationId)
  }

  it('is for admins', async () => {
    const salon = await createSalonTenant()
    expect((await salon.call('GET', '/v1/admin/integrations')).status).toBe(403)
    const [one] = (await (await admin(salon))('GET', `/v1/admin/integrations?businessId=${salon.businessId}`)).json
      .items
    expect(one).toEqual((await salon.call('GET', salon.path)).json)
  })

  it('is narrowed by each filter', async () => {
    const salon = await createSalonTenant()
    const failure = JSON.stringify({ kind: 'auth', reason: 'revoked', params: {}, message: 'no' })
    await set(
      salon,
      sql`connection_status = 'failed', stopped_by = 'vendor', last_failure = ${failure}::jsonb, sync_enabled = true,
        as_of = '2026-01-01T00:00:00Z'`,
    )
    const of = `businessId=${salon.businessId}`
    const right = ['status=failed', 'stoppedBy=vendor', 'lastErrorCode=auth', 'lastErrorCode=auth.revoked'].concat(
      ...['syncEnabled=true', 'crmType=yclients', 'staleSince=2026-01-02T00:00:00Z'],
    )
    const wrong = ['status=ok', 'stoppedBy=person', 'lastErrorCode=forbidden', 'lastErrorCode=auth.other'].concat(
      ...['syncEnabled=false', 'crmType=iiko', 'staleSince=2025-12-31T00:00:00Z'],
    )
    for (const one of right) expect([one, await found(salon, `${of}&${one}`)]).toEqual([one, true])
    for (const one of wrong) expect([one, await found(salon, `${of}&${one}`)]).toEqual([one, false])
    expect(await found(salon, [of, ...right].join('&').replace('lastErrorCode=auth&', ''))).toBe(true)
    await set(salon, sql`as_of = null`)
    expect(await found(salon, `${of}&staleSince=2026-01-02T00:00:00Z`)).toBe(true)
    expect((await (await admin(salon))('GET', '/v1/admin/integrations?status=broken')).status).toBe(400)
  })

  it('searches so many for one page and goes on from there, though nothing was found among them', async () => {
    const salon = await createSalonTenant()
    for (const _ of [1, 2, 3, 4]) await createSalonTenant()
    const failure = JSON.stringify({ kind: 'auth', reason: 'rare_1', params: {}, message: 'no' })
    await set(salon, sql`sync_enabled = true, as_of = '1990-01-01T00:00:00Z', last_failure = ${failure}::jsonb`)
    const staleSince = '1991-01-01T00:00:00Z'
    const request = { tenant: null, limit: 200, staleSince, lastErrorCode: 'auth.rare_1' }
    const pages = [await listIntegrations(salon.context, request, 2)]
    for (let cursor = pages[0]?.nextCursor; cursor; cursor = pages.at(-1)?.nextCursor) {
      pages.push(await listIntegrations(salon.context, { ...request, cursor }, 2))
    }
    expect(pages[0]?.items).toEqual([])
    expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual([salon.integrationId])
  })

  it('goes on page by page', async () => {
    const salon = await createSalonTenant()
    const call = await admin(salon)
    await createSalonTenant()
    const first = (await call('GET', '/v1/admin/integrations?limit=1&crmType=yclients')).json
    const next = (await call('GET', `/v1/admin/integrations?limit=1&crmType=yclients&cursor=${first.nextCursor}`)).json
    expect(next.items).toHaveLength(1)
    expect(next.items[0].id).not.toBe(first.items[0].id)
  })
})

describe('a retest', () => {
  async function order(salon: Salon) {
    const { status, json, headers } = await (
      await admin(salon)
    )('POST', '/v1/admin/integrations/retest', {
      ...{ businessId: salon.businessId, status: 'failed' },
    })
    expect(status).toBe(202)
    return { ...json, path: headers.get('location') ?? '' }
  }

  const progress = async (salon: Salon, path: string) => (await (await admin(salon))('GET', path)).json

  async function failedSalon() {
    const salon = await createSalonTenant()
    await set(salon, sql`connection_status = 'failed', sync_enabled = false, stopped_by = 'vendor'`)
    return salon
  }

  const overdue = async (salon: Salon, id: string) =>
    query(salon, sql`update retest_items set due_at = now() - interval '1 hour' where retest_id = ${id}::uuid`)

  it('tests what the filter matches, tells how far it is, and changes nothing else', async () => {
    const salon = await failedSalon()
    const before = (await salon.call('GET', salon.path)).json
    const ordered = await order(salon)
    expect(ordered).toMatchObject({ total: 1, waiting: 1, leftOut: 0 })
    await salon.context.drain()
    expect(await progress(salon, ordered.path)).toMatchObject({ total: 1, waiting: 0, ok: 1, nextAt: null })
    const after = (await salon.call('GET', salon.path)).json
    expect(after).toEqual({
      ...{ ...before, locations: after.locations },
      connection: { status: 'ok', checkedAt: expect.any(String), account: after.connection.account },
    })
    expect(
      await query(salon, sql`select changes from audit where action = 'retest.ordered' order by at desc limit 1`),
    ).toEqual([{ changes: ['businessId', 'status'] }])
  })

  it('tells what is refused, and leaves as it is what does not answer', async () => {
    const salon = await failedSalon()
    salon.sandbox.faults.plan.rate = 1
    const { id, path } = await order(salon)
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await overdue(salon, id)
      await workRetest(salon.context, { retestId: id, integrationId: salon.integrationId })
    }
    salon.context.messages.length = 0
    expect(await progress(salon, path)).toMatchObject({ waiting: 0, unanswered: 1, failed: 0 })
    expect((await salon.call('GET', salon.path)).json.connection).toMatchObject({ status: 'failed', checkedAt: null })
    salon.sandbox.faults.plan.rate = 0
    salon.sandbox.denied.add('records')
    const again = await order(salon)
    await salon.context.drain()
    expect(await progress(salon, again.path)).toMatchObject({ failed: 1 })
  })

  it('tests once however often its message comes, and when it is lost after all', async () => {
    const salon = await failedSalon()
    const { id, path } = await order(salon)
    expect((await order(salon)).total).toBe(0)
    salon.context.messages.length = 0
    await overdue(salon, id)
    await sweepRetests(salon.context)
    const item = { retestId: id, integrationId: salon.integrationId }
    await Promise.all([workRetest(salon.context, item), workRetest(salon.context, item)])
    await workRetest(salon.context, item)
    expect(salon.sandbox.requests.filter((one) => one.includes('/company/'))).toHaveLength(1)
    expect(await progress(salon, path)).toMatchObject({ ok: 1, waiting: 0 })
  })

  it('goes on one after the other with what was left over', async () => {
    const [one, other] = [await failedSalon(), await failedSalon()]
    for (const salon of [one, other]) await overdue(salon, (await order(salon)).id)
    const { context } = one
    context.messages.length = 0
    await sweepRetests(context)
    const pauses = context.messages.map(({ delaySeconds }) => delaySeconds)
    expect(pauses.length).toBeGreaterThan(1)
    expect(new Set(pauses).size).toBe(pauses.length)
  })

  it('forgets an integration that is deleted meanwhile', async () => {
    const salon = await failedSalon()
    const { path } = await order(salon)
    await salon.call('DELETE', salon.path)
    await salon.context.drain()
    expect(await progress(salon, path)).toMatchObject({ total: 0, waiting: 0 })
  })
})

it('the cron counts what it has done', async () => {
  const salon = await createSalonTenant()
  const ticks = async () =>
    Number((await query(salon, sql`select value from engine_counters where name = 'ticks'`))[0]?.['value'] ?? 0)
  const before = await ticks()
  await runCron(salon.context)
  expect(await ticks()).toBe(before + 1)
})
