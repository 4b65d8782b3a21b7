import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { clearStaged } from '#checks/clear-staged.ts'
import { addDays, localDate } from '#lib/time.ts'
import { check, daysOf, differencesOf, tamper } from '#test/check-suite.ts'
import { begin, createSalon, dieAmidst, goOn, night, stagedOf, ZONE } from '#test/checked-salon.ts'
import { createFileTenant } from '#test/files.ts'
import { erase } from '#test/erasure.ts'
import { openIssues } from '#test/issues.ts'
import { query, runOf } from '#test/pages.ts'
import { allTransactions, createSalonTenant } from '#test/tenants.ts'

it('goes on after a death, a doubled message and refusals, and finds the same', async () => {
  const { salon, days, sales } = await createSalon({ countMax: 10 })
  const expected = await tamper(salon, sales)
  const runId = await begin(salon, days)
  await dieAmidst(salon, runId)
  expect(await stagedOf(salon)).toBeGreaterThan(0)
  salon.sandbox.faults.plan.next = ['429', '500', '429-silent', 'truncated']
  salon.context.messages.push(
    ...[1, 2].map(() => ({ lane: 'bulk' as const, body: { kind: 'runs' as const, runIds: [runId] }, delaySeconds: 0 })),
  )
  await salon.context.drain()
  expect(await runOf(salon, runId)).toMatchObject({ status: 'succeeded', error: null })
  expect(await differencesOf(salon, days.from, days.to)).toEqual(expected)
  expect((await openIssues(salon)).map(({ code }) => code)).toContain('days_differ')
  expect(await stagedOf(salon)).toBe(0)
})

it('leaves nothing behind when it is cancelled, and moves no statistics', async () => {
  const { salon, days } = await createSalon({ countMax: 10 })
  const { json: before } = await salon.call('GET', salon.path)
  const runId = await begin(salon, days)
  await dieAmidst(salon, runId)
  expect((await salon.call('POST', `${salon.path}/runs/${runId}/cancel`)).json.status).toBe('cancelled')
  expect(await clearStaged(salon.context)).toBeGreaterThan(0)
  expect(await stagedOf(salon)).toBe(0)
  const { json: after } = await salon.call('GET', salon.path)
  const { totalSyncs, lastSyncAt, lastSyncStatus, transactionsSynced } = before
  expect(after).toMatchObject({ totalSyncs, lastSyncAt, lastSyncStatus, transactionsSynced })
})

describe('it is no difference', () => {
  it('what a sync would bring: the check has one begin, and reads again', async () => {
    const { salon, today, sales } = await createSalon()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    await salon.context.drain()
    const { salon: books } = salon.sandbox
    const at = books.now()
    at.setUTCMilliseconds(0)
    books.sell(at, [{ id: 3360, title: 'Шампунь', quantity: 1, kopecks: 50_000 }])
    const visit = sales.find(({ externalId }) => externalId.startsWith('record:'))
    books.withdrawPayment(Number(visit.externalId.slice('record:'.length)))
    const [from, to] = [addDays(today, -6), today]
    const runId = await begin(salon, { from, to })
    await salon.context.drain()
    expect((await runOf(salon, runId)).status).toBe('waiting')
    for (let turn = 0; turn < 3; turn += 1) await goOn(salon, runId)
    expect(await runOf(salon, runId)).toMatchObject({ status: 'succeeded' })
    expect((await differencesOf(salon, from, to)).size).toBe(0)
    for (const day of await daysOf(salon, from, to)) expect(day).toMatchObject({ state: 'equal', crm: day.stored })
  })

  it('what was erased, a card alone, and what a frozen branch has; a day is its branch’s', async () => {
    const { salon, days, sales } = await createSalon({ branches: 3 })
    const [, far, frozen] = salon.sandbox.branches
    await salon.call('POST', `${salon.path}/test`)
    const known = sales.find(({ customer }) => customer?.phone)
    await erase(salon, { phone: known.customer.phone })
    await query(
      salon,
      sql`
      update crm_transactions set customer_name = 'Другая', customer_card = '1' where id = ${sales.at(-1).id}::uuid`,
    )
    await query(
      salon,
      sql`
      delete from crm_transactions where integration_id = ${salon.integrationId}::uuid
        and location_external_id = ${frozen?.companyId ?? ''} and right(external_id, 1) < '5'`,
    )
    if (frozen) frozen.trouble = 'licence'
    expect(await check(salon, days.from, days.to)).toMatchObject({ status: 'succeeded' })
    expect((await differencesOf(salon, days.from, days.to)).size).toBe(0)
    const items = await daysOf(salon, days.from, days.to)
    const statesOf = (locationId: string | undefined) =>
      new Set(
        items.flatMap((day: { locationId: string; state: string }) =>
          day.locationId === locationId ? [day.state] : [],
        ),
      )
    expect(statesOf(frozen?.companyId)).toEqual(new Set(['unchecked']))
    expect(statesOf(far?.companyId)).toEqual(new Set(['equal']))
    const ofFar = (await allTransactions(salon)).filter(({ location }) => location.externalId === far?.companyId)
    for (const { day, stored } of items.filter(
      ({ locationId }: { locationId: string }) => locationId === far?.companyId,
    )) {
      const onDay = ofFar.filter(
        ({ status, occurredAt }) => status === 'paid' && localDate(new Date(occurredAt), 'Asia/Vladivostok') === day,
      )
      expect(stored.count).toBe(onDay.length)
    }
  })
})

it('moves to both days what the CRM has on another, and names it once on each', async () => {
  const { salon, days, sales } = await createSalon()
  const [sale] = sales
  await query(
    salon,
    sql`
    update crm_transactions set occurred_at = occurred_at - interval '1 day' where id = ${sale.id}::uuid`,
  )
  await check(salon, days.from, days.to)
  const day = localDate(new Date(sale.occurredAt), ZONE)
  for (const one of [day, addDays(day, -1)]) {
    const { json } = await salon.call('GET', `${salon.path}/days/${one}/differences`)
    expect(json.items).toMatchObject([{ kind: 'different', externalId: sale.externalId, fields: ['occurredAt'] }])
    const [{ different }] = await daysOf(salon, one, one)
    expect(different).toBe(1)
  }
})

it('checks three days after the wide scan of a night, and none again that was equal twice', async () => {
  const { salon, today } = await createSalon()
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  await salon.context.drain()
  const [yesterday, weekAgo] = [addDays(today, -1), addDays(today, -7)]
  const lots = [await night(salon), await night(salon)]
  for (const ranges of lots)
    expect(ranges).toEqual(
      expect.arrayContaining([
        [yesterday, yesterday],
        [weekAgo, weekAgo],
      ]),
    )
  expect(lots[0]).toHaveLength(3)
  const third = await night(salon)
  expect(JSON.stringify(third ?? [])).not.toContain(yesterday)
})

it('checks the day a week ago also when the shop was closed on the two days before it', async () => {
  const { salon, today } = await createSalon({ days: 12 })
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  await salon.context.drain()
  const weekAgo = addDays(today, -7)
  await query(
    salon,
    sql`
    delete from crm_transactions where integration_id = ${salon.integrationId}::uuid
      and (occurred_at at time zone ${ZONE})::date in (${addDays(today, -8)}::date, ${addDays(today, -9)}::date)`,
  )
  expect(await night(salon)).toContainEqual([weekAgo, weekAgo])
})

it('refuses what cannot be compared, and more than two at once', async () => {
  const files = await createFileTenant()
  const days = { from: '2026-11-01', to: '2026-11-02' }
  expect(await files.call('POST', `${files.path}/checks`, days)).toMatchObject({
    status: 422,
    json: { code: 'check_not_possible' },
  })
  const { call, path } = await createSalonTenant()
  expect((await call('POST', `${path}/checks`, { from: '2026-11-02', to: '2026-11-01' })).json.code).toBe(
    'invalid_request',
  )
  expect((await call('POST', `${path}/checks`, { from: '2025-11-01', to: '2026-11-02' })).json.code).toBe(
    'range_too_large',
  )
  expect((await call('GET', `${path}/days?from=2025-01-01&to=2026-11-02`)).json.code).toBe('range_too_large')
  for (const status of [202, 202, 409]) expect((await call('POST', `${path}/checks`, days)).status).toBe(status)
})
