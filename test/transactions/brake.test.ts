// A vendor that suddenly says that everything is gone or different is not believed without a person.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { MappedRecord } from '#crm/contract.ts'
import { finishRun } from '#sync/finish-run.ts'
import { createWriter, gone, integrationOf, query, runOf, transaction, type Writer } from '#test/pages.ts'
import { allTransactions, createSalonTenant, type Salon, sync } from '#test/tenants.ts'

const ids = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `t${from + n}`)
const records = (names: readonly string[], amountMinor = 10_000) => names.map((id) => transaction(id, { amountMinor }))

async function filled(rows: number): Promise<Writer> {
  const writer = await createWriter()
  await writer.write(records(ids(rows)))
  return writer
}

const BRAKE = { kind: 'rejected', reason: 'brake' } as const

/** Writes a page that the brake stops, and ends the run by it. */
async function failBy({ salon, run, write }: Writer, page: readonly MappedRecord[]) {
  await expect(write(page)).rejects.toMatchObject(BRAKE)
  const error = { ...BRAKE, params: {}, message: 'Stopped.' }
  await finishRun(salon.context, run, { status: 'failed', error, turnsSyncOff: false })
}

describe('the brake', () => {
  it.each([
    { name: 'changed', page: (n: number) => records(ids(n), 1) },
    { name: 'cancelled', page: (n: number) => ids(n).map(gone) },
  ])('stops a page in which more than a fifth of the rows would be $name, and writes nothing', async ({ page }) => {
    const writer = await filled(100)
    const { changeSeq } = writer.position()
    await expect(writer.write(page(21))).rejects.toMatchObject(BRAKE)
    const stored = await allTransactions(writer.salon)
    expect(stored.filter(({ status, amountMinor }) => status === 'paid' && amountMinor === 10_000)).toHaveLength(100)
    expect(Math.max(...stored.map((row) => row.changeSeq))).toBeLessThanOrEqual(changeSeq)
    expect(await runOf(writer.salon, writer.run.id)).toMatchObject({ counters: { pages: 1, updated: 0 } })
  })

  it('lets a fifth pass, and any share of few rows', async () => {
    const hundred = await filled(100)
    expect(await hundred.write(records(ids(20), 1))).not.toBeNull()
    const few = await filled(19)
    expect(await few.write(ids(19).map(gone))).not.toBeNull()
  })

  it('adds up the pages of a run', async () => {
    const writer = await filled(100)
    await writer.write(records(ids(15), 1))
    await expect(writer.write(records(ids(6, 15), 1))).rejects.toMatchObject(BRAKE)
    expect(await runOf(writer.salon, writer.run.id)).toMatchObject({ counters: { updated: 15 } })
  })

  it('measures by the period that the run has looked at, not by all that is stored', async () => {
    const writer = await createWriter()
    const old = ids(200).map((id) => transaction(id, { occurredAt: '2025-01-01T00:00:00Z' }))
    await writer.write([...old, ...records(ids(100, 1000))])
    await expect(writer.write(records(ids(21, 1000), 1))).rejects.toMatchObject(BRAKE)
    // Having looked at the old ones too, 21 of 300 are few.
    await writer.write(old.slice(0, 1))
    expect(await writer.write(records(ids(21, 1000), 1))).not.toBeNull()
  })

  it('goes on counting where the run before stopped: small pages do not slip through, one a run', async () => {
    const writer = await filled(100)
    await writer.salon.call('POST', `${writer.salon.path}/runs/${writer.run.id}/cancel`)
    const first = await createWriter(writer.salon)
    await first.write(records(ids(15), 1))
    await failBy(first, records(ids(15, 15), 1))
    const second = await createWriter(writer.salon)
    await failBy(second, records(ids(15, 15), 1))
    const third = await createWriter(writer.salon)
    await expect(third.write(records(ids(15, 15), 1))).rejects.toMatchObject(BRAKE)
    // What has come to be right again is no change, and the run that gets through ends the count.
    expect(await third.write(records(ids(15, 15)))).not.toBeNull()
    await finishRun(third.salon.context, third.run, { status: 'succeeded' })
    const fourth = await createWriter(writer.salon)
    expect(await fourth.write(records(ids(15, 15), 1))).not.toBeNull()
  })

  it('counts what a run adds as no change', async () => {
    const writer = await filled(10)
    expect(await writer.write(records(ids(500, 10)))).not.toBeNull()
  })
})

/** A salon with 60 paid visits, stored. */
async function busySalon(): Promise<Salon> {
  const salon = await createSalonTenant()
  const { salon: books } = salon.sandbox
  for (let n = 0; n < 60; n += 1) {
    const at = new Date(Math.floor(salon.context.clock.now().getTime() / 1000) * 1000 - (n + 30) * 3_600_000)
    const { id } = books.addVisit({
      at,
      services: [{ id: 1, title: 'Стрижка', quantity: 1, kopecks: 100_000 }],
      attendance: 1,
    })
    books.pay(id)
  }
  const first = await sync(salon)
  expect(first).toMatchObject({ status: 'succeeded', counters: { inserted: 60 } })
  return salon
}

function cancelVisits(salon: Salon, count: number) {
  salon.context.clock.advance(60_000)
  const { salon: books } = salon.sandbox
  for (const visit of [...books.visits.values()].slice(0, count)) books.touch(Object.assign(visit, { deleted: true }))
}

describe('a run that the brake stopped', () => {
  it('fails at once with what it would have done, keeps the data, and stays switched on', async () => {
    const salon = await busySalon()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    cancelVisits(salon, 30)
    const run = await sync(salon)
    expect(run).toMatchObject({
      status: 'failed',
      needsConfirmation: true,
      error: { kind: 'rejected', code: 'rejected.brake' },
    })
    expect(run.error.message).toMatch(/would cancel 30 and change 0 of the 60 sales/)
    expect((await allTransactions(salon)).filter(({ status }) => status === 'paid')).toHaveLength(60)
    expect(await integrationOf(salon)).toMatchObject({ syncEnabled: true, lastSyncStatus: 'failed' })
    expect((await integrationOf(salon)).lastErrorCode).toBe('rejected.brake')
  })

  it('says so in Russian to who asks in Russian', async () => {
    const salon = await busySalon()
    cancelVisits(salon, 30)
    const { id } = await sync(salon)
    const { json } = await salon.call('GET', `${salon.path}/runs/${id}`, undefined, { 'accept-language': 'ru' })
    expect(json.error.message).toMatch(/отменила бы 30 .* из 60 продаж/)
  })

  it('stops at the same place every time, and finds its way back when the vendor does', async () => {
    const salon = await busySalon()
    cancelVisits(salon, 30)
    await sync(salon)
    expect(await sync(salon)).toMatchObject({ status: 'failed', needsConfirmation: true })
    for (const visit of salon.sandbox.salon.visits.values()) Object.assign(visit, { deleted: false })
    expect(await sync(salon)).toMatchObject({ status: 'succeeded', counters: { updated: 0 } })
  })

  it('is let through once when a person confirms it', async () => {
    const salon = await busySalon()
    cancelVisits(salon, 30)
    const stopped = await sync(salon)
    const confirmed = await salon.call('POST', `${salon.path}/runs/${stopped.id}/confirm`)
    expect(confirmed).toMatchObject({ status: 202, json: { status: 'queued', trigger: 'manual' } })
    await salon.context.drain()
    expect(await runOf(salon, confirmed.json.id)).toMatchObject({ status: 'succeeded', counters: { updated: 30 } })
    expect((await allTransactions(salon)).filter(({ status }) => status === 'cancelled')).toHaveLength(30)
    expect(await runOf(salon, stopped.id)).toMatchObject({ needsConfirmation: false })
    const again = await salon.call('POST', `${salon.path}/runs/${stopped.id}/confirm`)
    expect([again.status, again.json.code]).toEqual([409, 'nothing_to_confirm'])
    cancelVisits(salon, 60)
    expect(await sync(salon)).toMatchObject({ status: 'failed', needsConfirmation: true })
  })

  it('is confirmed together with those that stopped after it, and needs nobody once a sync gets through', async () => {
    const salon = await busySalon()
    cancelVisits(salon, 30)
    const [first, second] = [await sync(salon), await sync(salon)]
    await salon.call('POST', `${salon.path}/runs/${first.id}/confirm`)
    const late = await salon.call('POST', `${salon.path}/runs/${second.id}/confirm`)
    expect([late.status, late.json.code]).toEqual([409, 'nothing_to_confirm'])
    await salon.context.drain()
    cancelVisits(salon, 60)
    const third = await sync(salon)
    expect(third).toMatchObject({ needsConfirmation: true })
    for (const visit of [...salon.sandbox.salon.visits.values()].slice(30)) Object.assign(visit, { deleted: false })
    expect(await sync(salon)).toMatchObject({ status: 'succeeded' })
    expect(await runOf(salon, third.id)).toMatchObject({ needsConfirmation: false })
    const stale = await salon.call('POST', `${salon.path}/runs/${third.id}/confirm`)
    expect([stale.status, stale.json.code]).toEqual([409, 'nothing_to_confirm'])
  })

  it('confirms nothing else: a run that went well, or one of other settings', async () => {
    const salon = await busySalon()
    const { id } = await sync(salon)
    expect((await salon.call('POST', `${salon.path}/runs/${id}/confirm`)).json.code).toBe('nothing_to_confirm')
    cancelVisits(salon, 30)
    const stopped = await sync(salon)
    await salon.call('PATCH', salon.path, {
      additionalConfig: { companyId: salon.sandbox.credentials.companyId, initialDays: 30 },
    })
    expect((await salon.call('POST', `${salon.path}/runs/${stopped.id}/confirm`)).json.code).toBe('nothing_to_confirm')
  })

  it('asks before it believes a list that lost half of its records for good', async () => {
    const salon = await busySalon()
    for (const { id } of [...salon.sandbox.salon.visits.values()].slice(0, 30)) salon.sandbox.salon.vanish(id)
    // Past the hour of the daily wide look, whatever the hour is now.
    salon.context.clock.advance(28 * 3_600_000)
    const run = await sync(salon)
    expect(run).toMatchObject({ status: 'failed', needsConfirmation: true })
    // What is gone comes window by window of days, and the first of them may hold less than the brake minds.
    const cancelled = (await allTransactions(salon)).filter(({ status }) => status === 'cancelled').length
    expect(cancelled).toBeLessThan(20)
    expect(await sync(salon)).toMatchObject({ status: 'failed', needsConfirmation: true })
    expect((await allTransactions(salon)).filter(({ status }) => status === 'cancelled')).toHaveLength(cancelled)
    await salon.call('POST', `${salon.path}/runs/${run.id}/confirm`)
    await salon.context.drain()
    expect((await allTransactions(salon)).filter(({ status }) => status === 'cancelled')).toHaveLength(30)
  })
})

describe('a record that scans no longer show and nobody can be asked about', () => {
  const missing = (externalId: string) => ({ type: 'missing', externalId }) as const

  async function rescanned(writer: Writer): Promise<Writer> {
    await writer.salon.call('POST', `${writer.salon.path}/runs/${writer.run.id}/cancel`)
    return createWriter(writer.salon)
  }

  async function statusOf({ salon }: Writer, externalId: string) {
    return (await allTransactions(salon)).find((row) => row.externalId === externalId)?.status
  }

  it('is cancelled by the second complete scan without it, not by the first', async () => {
    const first = await createWriter()
    await first.write([transaction('a'), transaction('b')])
    await first.write([missing('a'), missing('a')])
    expect(await statusOf(first, 'a')).toBe('paid')
    const second = await rescanned(first)
    await second.write([missing('a')])
    expect(await statusOf(second, 'a')).toBe('cancelled')
    expect(await statusOf(second, 'b')).toBe('paid')
  })

  it('is not cancelled when it was seen in between', async () => {
    const first = await createWriter()
    await first.write([transaction('a')])
    await first.write([missing('a')])
    const second = await rescanned(first)
    await second.write([transaction('a')])
    const third = await rescanned(second)
    await third.write([missing('a')])
    expect(await statusOf(third, 'a')).toBe('paid')
  })

  it('is counted anew under new settings', async () => {
    const first = await createWriter()
    await first.write([transaction('a')])
    await first.write([missing('a')])
    await first.salon.call('PATCH', first.salon.path, { credentials: { apiSecret: 'another' } })
    const second = await createWriter(first.salon)
    await second.write([missing('a')])
    expect(await statusOf(second, 'a')).toBe('paid')
    const third = await rescanned(second)
    await third.write([missing('a')])
    expect(await statusOf(third, 'a')).toBe('cancelled')
  })

  it('is left alone when it was stored while the vendor was being asked', async () => {
    const first = await createWriter()
    const before = first.position()
    await first.write([transaction('a')])
    await query(first.salon, sql`update sync_runs set pages = 0 where id = ${first.run.id}::uuid`)
    await first.write([missing('a')], before)
    const rows = await query(
      first.salon,
      sql`select missing_since from crm_transactions where external_id = 'a'
      and integration_id = ${first.salon.integrationId}::uuid`,
    )
    expect(rows).toEqual([{ missing_since: null }])
  })

  it('was never stored: nothing happens', async () => {
    const writer = await createWriter()
    await writer.write([missing('never')])
    expect(await allTransactions(writer.salon)).toEqual([])
  })
})
