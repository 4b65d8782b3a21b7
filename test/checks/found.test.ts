// What a check has found stays, and what it may not believe it leaves alone.
import { type SQL, sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { addDays, localDate } from '#lib/time.ts'
import { checkSteps } from '#sync/check-steps.ts'
import { runSlice } from '#sync/run-slice.ts'
import { takeRun } from '#sync/take-run.ts'
import { startOf } from '#sync/write-page.ts'
import { check, daysOf, differencesOf } from '#test/check-suite.ts'
import { begin, createSalon, dieAmidst, night, stagedOf, ZONE } from '#test/checked-salon.ts'
import { query, runOf } from '#test/pages.ts'
import { createCafeTenant, ring, sell as sellOrder } from '#test/cafe.ts'
import { createShopTenant, sell } from '#test/shop.ts'
import { allTransactions, sync } from '#test/tenants.ts'

it('checks a day again as long as one of its locations was not equal twice', async () => {
  const { salon, today } = await createSalon({ branches: 2 })
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  await salon.context.drain()
  const yesterday = addDays(today, -1)
  const [near, far] = salon.sandbox.branches.map(({ companyId }) => companyId)
  const setDay = async (location: string | undefined, state: string, equalTimes: number) =>
    query(
      salon,
      sql`
      insert into check_days (integration_id, day, location_id, stored_count, stored_minor, crm_count, crm_minor, missing,
        extra, different, state, equal_times, run_id)
      values (${salon.integrationId}::uuid, ${yesterday}::date, ${location ?? ''}, 1, 1, 1, 1, 0, 0, 0, ${state},
        ${equalTimes}::int, gen_random_uuid())`,
    )
  await setDay(near, 'equal', 2)
  await setDay(far, 'different', 0)
  expect(await night(salon)).toContainEqual([yesterday, yesterday])
})

it('names a moved sale on both days also when only one of them is checked again', async () => {
  const { salon, days, sales } = await createSalon()
  const [sale] = sales
  await query(
    salon,
    sql`
    update crm_transactions set occurred_at = occurred_at - interval '1 day' where id = ${sale.id}::uuid`,
  )
  await check(salon, days.from, days.to)
  const day = localDate(new Date(sale.occurredAt), ZONE)
  for (const again of [day, addDays(day, -1)]) {
    await check(salon, again, again)
    for (const one of [day, addDays(day, -1)]) {
      expect((await differencesOf(salon, one, one)).get(sale.externalId)).toBe('different occurredAt')
    }
  }
})

it('keeps what a period has found when the next one reads its sales again', async () => {
  const { salon, days } = await createSalon({ branches: 2 })
  await salon.call('POST', `${salon.path}/test`)
  const far = salon.sandbox.branches[1]?.companyId
  const [last, before] = [addDays(days.to, -1), addDays(days.to, -2)]
  const ofFar = (await allTransactions(salon)).filter(
    ({ status, location, occurredAt }) =>
      status === 'paid' && location.externalId === far && localDate(new Date(occurredAt), 'Asia/Vladivostok') === last,
  )
  for (const { id } of ofFar)
    await query(salon, sql`update crm_transactions set amount_minor = amount_minor + 100 where id = ${id}::uuid`)
  const runId = await begin(salon, { from: before, to: last })
  const ranges = JSON.stringify({ ranges: [last, before].map((day) => [day, day]) })
  await query(salon, sql`update sync_runs set cursor = ${ranges}::jsonb where id = ${runId}::uuid`)
  await salon.context.drain()
  expect(await runOf(salon, runId)).toMatchObject({ status: 'succeeded' })
  const found = await differencesOf(salon, last, last)
  expect(new Set(found.keys())).toEqual(new Set(ofFar.map(({ externalId }) => externalId)))
  expect(found.size).toBeGreaterThan(0)
})

it('deletes nothing for a worker that has lost the check', async () => {
  const { salon, days } = await createSalon({ countMax: 10 })
  const runId = await begin(salon, days)
  await dieAmidst(salon, runId)
  const run = await takeRun(salon.context, runId)
  if (!run) throw new Error('the run was not to be taken')
  const staged = await stagedOf(salon)
  const cursor = { ranges: [[days.from, days.to]], day: addDays(days.to, 1) }
  const step = await checkSteps(salon.context, { ...run, leaseEpoch: run.leaseEpoch - 1, cursor })
  expect(await step(startOf(run))).toBe('fenced')
  expect(await stagedOf(salon)).toBe(staged)
})

it('repairs what is extra at a branch that was frozen meanwhile: nothing there is taken back', async () => {
  const { salon, days, sales } = await createSalon({ branches: 3 })
  const frozen = salon.sandbox.branches[2]
  const one = sales.find(({ location }) => location.externalId === frozen?.companyId)
  const ghost = `${one.externalId}99`
  await query(
    salon,
    sql`
    update crm_transactions set external_id = ${ghost} where id = ${one.id}::uuid`,
  )
  await check(salon, days.from, days.to)
  expect((await differencesOf(salon, days.from, days.to)).get(ghost)).toBe('extra')
  if (frozen) frozen.trouble = 'licence'
  const { json } = await salon.call('POST', `${salon.path}/repairs`, days)
  await salon.context.drain()
  expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded', error: null })
  const left = (await allTransactions(salon)).find(({ externalId }) => externalId === ghost)
  expect(left).toMatchObject({ status: 'paid' })
})

it('believes the CRM, whatever version was stored under other settings', async () => {
  const { salon, days, sales } = await createSalon()
  const [sale] = sales
  await query(
    salon,
    sql`
    update crm_transactions set amount_minor = amount_minor + 100, version_at = now() + interval '1 day',
      settings_epoch = settings_epoch - 1 where id = ${sale.id}::uuid`,
  )
  await check(salon, days.from, days.to)
  expect([...(await differencesOf(salon, days.from, days.to))]).toEqual([[sale.externalId, 'different amountMinor']])
})

it('waits once for a sync that does not end, and not on each day anew', async () => {
  const { salon, days } = await createSalon()
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  await salon.context.drain()
  await query(
    salon,
    sql`update crm_transactions set amount_minor = amount_minor + 100 where integration_id = ${salon.integrationId}::uuid`,
  )
  await query(salon, sql`update crm_integrations set as_of = '2020-01-01' where id = ${salon.integrationId}::uuid`)
  const runId = await begin(salon, days)
  /** The sync that the check has asked for fails. */
  const next = async () => {
    await query(
      salon,
      sql`
      update sync_runs set status = 'failed', finished_at = now()
      where integration_id = ${salon.integrationId}::uuid and task = 'pull' and status in ('queued','waiting')`,
    )
    await query(salon, sql`update sync_runs set resume_at = now() where id = ${runId}::uuid and status = 'waiting'`)
    await runSlice(salon.context, runId)
    salon.context.messages.length = 0
  }
  await next()
  expect((await runOf(salon, runId)).status).toBe('waiting')
  await query(
    salon,
    sql`
    update sync_runs set cursor = jsonb_set(cursor, '{doubts,since}', to_jsonb(now() - interval '11 minutes'))
    where id = ${runId}::uuid`,
  )
  for (let turn = 0; turn < 20; turn += 1) await next()
  expect(await runOf(salon, runId)).toMatchObject({ status: 'succeeded' })
  const states = (await daysOf(salon, days.from, days.to)).map(({ state }: { state: string }) => state)
  expect(new Set(states)).toEqual(new Set(['unchecked']))
})

it('compares an order that iiko does not list any more with its receipt', async () => {
  const cafe = await createCafeTenant({ withReports: true })
  const orders = [30, 54, 78, 102].map((hours) => sellOrder(cafe, hours))
  await sync(cafe)
  cafe.context.clock.advance(9 * 86_400_000)
  ring(cafe, 30)
  await sync(cafe)
  const days = orders.map(({ closedAt }) => localDate(closedAt ?? new Date(), ZONE)).toSorted()
  const [from = '', to = ''] = [days[0], days.at(-1)]
  const statesOf = async () => {
    await check(cafe, from, to)
    return (await daysOf(cafe, from, to)).map(({ state }: { state: string }) => state)
  }
  expect(await statesOf()).toEqual(['equal', 'equal', 'equal', 'equal'])
  const [moved, cancelled, priced] = orders.map(({ id }) => id).toReversed()
  const change = async (id: string | undefined, how: SQL) =>
    query(
      cafe,
      sql`update crm_transactions set ${how} where integration_id = ${cafe.integrationId}::uuid and external_id = ${id}`,
    )
  await change(moved, sql`occurred_at = occurred_at - interval '1 day'`)
  await change(cancelled, sql`status = 'cancelled'`)
  await change(priced, sql`amount_minor = amount_minor + 100`)
  expect(await statesOf()).toEqual(['unchecked', 'unchecked', 'unchecked', 'equal'])
})

it('does not call a receipt equal whose sum the CRM does not show any more, but for what it does show', async () => {
  const shop = await createShopTenant()
  const receipts = [sell(shop, 2), sell(shop, 3)]
  await sync(shop)
  for (const { id } of receipts) shop.sandbox.shop.change(id, { state: 'archived', isEmptied: true })
  const today = localDate(shop.context.clock.now(), ZONE)
  const [from, to] = [addDays(today, -4), addDays(today, -1)]
  const stateOf = async ({ at }: { readonly at: Date }) => {
    const day = localDate(at, ZONE)
    return (await daysOf(shop, day, day)).map(({ state }: { state: string }) => state)
  }
  const lost = receipts.find(({ number }) => number % 2 === 1)
  const shown = receipts.find((one) => one !== lost)
  if (!lost || !shown) throw new Error('numbers are given in turn')
  const ofShop = sql`integration_id = ${shop.integrationId}::uuid`
  await check(shop, from, to)
  expect([await stateOf(lost), await stateOf(shown)]).toEqual([['unchecked'], ['equal']])
  await query(shop, sql`update crm_transactions set amount_minor = amount_minor + 100 where ${ofShop}`)
  await check(shop, from, to)
  expect([await stateOf(lost), await stateOf(shown)]).toEqual([['unchecked'], ['different']])
  await query(shop, sql`update crm_transactions set status = 'cancelled' where ${ofShop}`)
  await check(shop, from, to)
  expect((await differencesOf(shop, from, to)).get(`Document_ЧекККМ:${lost.id}`)).toBe('different status')
})

it('shows a day of which nothing is left but the CRM’s own total', async () => {
  const shop = await createShopTenant()
  const receipts = [100, 200].map((rubles) => sell(shop, 3, rubles))
  sell(shop, 2)
  await sync(shop)
  const today = localDate(shop.context.clock.now(), ZONE)
  const [lost, kept] = [addDays(today, -3), addDays(today, -2)]
  for (const { id } of receipts) shop.sandbox.shop.vanish(id)
  await query(
    shop,
    sql`
    delete from crm_transactions where integration_id = ${shop.integrationId}::uuid
      and (occurred_at at time zone ${ZONE})::date = ${lost}::date`,
  )
  for (let times = 0; times < 2; times += 1) {
    await check(shop, addDays(today, -4), addDays(today, -1))
    expect(await daysOf(shop, addDays(today, -4), addDays(today, -1))).toMatchObject([
      { day: lost, state: 'unchecked', stored: { count: 0 }, crm: null, total: { amountMinor: 30_000 } },
      { day: kept, state: 'equal', stored: { count: 1 }, total: { amountMinor: 10_000 } },
    ])
  }
})

it('says nothing of a sync that was switched off when a check was refused', async () => {
  const { salon, days } = await createSalon()
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  await salon.context.drain()
  Object.assign(salon.sandbox.credentials, { apiSecret: 'another' })
  const run = await check(salon, days.from, days.to)
  expect(run).toMatchObject({ status: 'failed', error: { kind: 'auth' } })
  expect(run.error.message).not.toContain('switched off')
  expect((await salon.call('GET', salon.path)).json).toMatchObject({ syncEnabled: true, connection: { status: 'ok' } })
})
