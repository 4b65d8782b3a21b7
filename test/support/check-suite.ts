// What a check promises for every CRM: what was changed in the database behind the service's back is found exactly, and
// a repair makes the days equal.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { addDays, localDate } from '#lib/time.ts'
import { allTransactions, type Connected, sync } from '#test/tenants.ts'

const ZONE = 'Europe/Moscow'
/** As far back as every CRM can be read. */
const DAYS = 6

interface Sale {
  readonly externalId: string
  readonly status: string
  readonly occurredAt: string
}

/** The run of a check, once it is over. */
export async function check({ call, path, context }: Connected, from: string, to: string) {
  const started = await call('POST', `${path}/checks`, { from, to })
  expect(started.status, started.text).toBe(202)
  await context.drain()
  return (await call('GET', `${path}/runs/${started.json.id}`)).json
}

export async function daysOf({ call, path }: Connected, from: string, to: string) {
  return (await call('GET', `${path}/days?from=${from}&to=${to}`)).json.items
}

/** All differences of some days, each once. */
export async function differencesOf(tenant: Connected, from: string, to: string) {
  const found = new Map<string, string>()
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const { json } = await tenant.call('GET', `${tenant.path}/days/${day}/differences`)
    for (const { kind, externalId, fields } of json.items) found.set(externalId, [kind, ...fields].join(' '))
  }
  return found
}

/** An id of the same form that no object has. */
function ghostOf(externalId: string): string {
  return /-[0-9a-f]{12}$/.test(externalId) ? externalId.replace(/.{6}$/, 'ffff99') : `${externalId}99`
}

/** Changes stored sales of the last days by SQL, one in each way. The differences that a check has to find. */
export async function tamper({ context, integrationId }: Connected, sales: readonly Sale[]) {
  const [deleted, priced, cancelled, moved, copied] = sales.map(({ externalId }) => externalId)
  const of = (externalId: string | undefined) =>
    sql`integration_id = ${integrationId}::uuid and external_id = ${externalId ?? ''}`
  const ghosts = [ghostOf(copied ?? ''), `ghost of ${copied}`]
  await context.db.execute(sql`delete from crm_transactions where ${of(deleted)}`)
  await context.db.execute(sql`update crm_transactions set amount_minor = amount_minor + 100 where ${of(priced)}`)
  await context.db.execute(sql`update crm_transactions set status = 'cancelled' where ${of(cancelled)}`)
  await context.db.execute(
    sql`update crm_transactions set occurred_at = occurred_at - interval '1 day' where ${of(moved)}`,
  )
  for (const ghost of ghosts) {
    await context.db.execute(sql`
      insert into crm_transactions (business_id, integration_id, external_id, kind, status, amount_minor, currency,
        occurred_at, items, location_external_id, change_seq, seen_seq, settings_epoch)
      select business_id, integration_id, ${ghost}, kind, status, amount_minor, currency, occurred_at, items,
        location_external_id, change_seq, seen_seq, settings_epoch
      from crm_transactions where ${of(copied)}`)
  }
  return new Map([
    ...[[deleted ?? '', 'missing'] as const, [priced ?? '', 'different amountMinor'] as const],
    ...[[cancelled ?? '', 'different status'] as const, [moved ?? '', 'different occurredAt'] as const],
    ...ghosts.map((ghost) => [ghost, 'extra'] as const),
  ])
}

export function describeCheck(type: string, create: () => Promise<Connected>): void {
  it(`${type}: a check finds exactly what was changed behind its back, and a repair makes the days equal`, async () => {
    const tenant = await create()
    await sync(tenant)
    const today = localDate(tenant.context.clock.now(), ZONE)
    const [from, to] = [addDays(today, -DAYS), addDays(today, -1)]
    expect(await check(tenant, from, to)).toMatchObject({ status: 'succeeded', error: null })
    const clean = await daysOf(tenant, from, to)
    expect(clean.length).toBeGreaterThan(3)
    for (const day of clean) expect(day).toMatchObject({ state: 'equal', crm: day.stored })

    const inPeriod = ({ status, occurredAt }: Sale) => {
      const day = localDate(new Date(occurredAt), ZONE)
      // One that moves a day back stays within the period.
      return status === 'paid' && day > from && day <= to
    }
    const sales = (await allTransactions(tenant)).filter(inPeriod)
    const step = Math.floor(sales.length / 5)
    const expected = await tamper(
      tenant,
      Array.from({ length: 5 }, (_, n) => sales[n * step]),
    )
    expect(await check(tenant, from, to)).toMatchObject({ status: 'succeeded', error: null })
    expect(await differencesOf(tenant, from, to)).toEqual(expected)

    expect((await tenant.call('POST', `${tenant.path}/repairs`, { from, to })).status).toBe(202)
    await tenant.context.drain()
    expect(await differencesOf(tenant, from, to)).toEqual(new Map())
    for (const day of await daysOf(tenant, from, to)) expect(day).toMatchObject({ state: 'equal', crm: day.stored })
    const { rows } = await tenant.context.db.execute(sql`
      select from check_records where integration_id = ${tenant.integrationId}::uuid`)
    expect(rows).toEqual([])
  })
}
