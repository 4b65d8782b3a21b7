import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { finishRun } from '#sync/finish-run.ts'
import { createWriter, query, runOf, transaction, type Writer } from '#test/pages.ts'
import { allTransactions, createSalonTenant, type Salon, sync } from '#test/tenants.ts'

const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

/** Visits of which some are shown broken; all of them long enough ago that no poll meets them again. */
async function salonWithBroken(total: number, broken: number): Promise<Salon> {
  const salon = await createSalonTenant({ settings: { initialDays: 60 } })
  const { salon: books } = salon.sandbox
  const now = salon.context.clock.now().getTime()
  for (let n = 0; n < total; n += 1) {
    const at = new Date(Math.floor(now / 1000) * 1000 - 40 * 24 * 3_600_000 - n * 60_000)
    const visit = books.addVisit({ at, services: [LINE], attendance: 1 })
    books.pay(visit.id)
    visit.changedAt = at
    if (n < broken) salon.sandbox.broken.add(visit.id)
  }
  return salon
}

async function quarantined(salon: Salon) {
  return (await salon.call('GET', `${salon.path}/quarantine`)).json.items
}

async function refusedPages({ salon, run }: Writer): Promise<unknown> {
  const [row] = await query(salon, sql`select refused_pages from sync_runs where id = ${run.id}::uuid`)
  return row?.['refused_pages']
}

async function retry(salon: Salon) {
  const { json } = await salon.call('POST', `${salon.path}/quarantine/retry`)
  await salon.context.drain()
  return runOf(salon, json.id)
}

describe('retrying what is in quarantine', () => {
  it('stores what can be mapped by now, and leaves the rest where it is', async () => {
    const salon = await salonWithBroken(40, 15)
    await sync(salon)
    expect(await quarantined(salon)).toHaveLength(15)
    for (const id of [...salon.sandbox.broken].slice(0, 12)) salon.sandbox.broken.delete(id)
    const run = await retry(salon)
    expect(run).toMatchObject({
      status: 'succeeded',
      task: 'quarantine',
      counters: { fetched: 15, inserted: 12, quarantined: 3 },
      progress: { done: 15, total: 15 },
    })
    expect(await allTransactions(salon)).toHaveLength(37)
    expect(await quarantined(salon)).toHaveLength(3)
  })

  it('asks for each record once, and for the branch once', async () => {
    const salon = await salonWithBroken(10, 3)
    await sync(salon)
    const before = salon.sandbox.requests.length
    await retry(salon)
    const paths = salon.sandbox.requests.slice(before).map((line) => line.split('?')[0]?.split('/')[3])
    expect(paths).toEqual(['company', 'record', 'record', 'record'])
  })

  it('takes a record that is gone out of quarantine', async () => {
    const salon = await salonWithBroken(10, 2)
    await sync(salon)
    for (const id of salon.sandbox.broken) salon.sandbox.salon.vanish(id)
    expect(await retry(salon)).toMatchObject({ status: 'succeeded' })
    expect(await quarantined(salon)).toEqual([])
  })

  it('waits in line once, however often it is asked for', async () => {
    const salon = await salonWithBroken(10, 2)
    await sync(salon)
    const answers = await Promise.all([1, 2, 3].map(async () => salon.call('POST', `${salon.path}/quarantine/retry`)))
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1)
  })

  it('leaves what has no id of its own, and says so by leaving it', async () => {
    const writer = await createWriter()
    await writer.write([
      transaction('a'),
      transaction('b'),
      { type: 'unmapped', externalId: null, reason: 'no id', raw: { total: 5 } },
      { type: 'unmapped', externalId: 'operation:7', reason: 'no sale document', raw: { id: 7 } },
    ])
    await writer.salon.call('POST', `${writer.salon.path}/runs/${writer.run.id}/cancel`)
    expect(await retry(writer.salon)).toMatchObject({ status: 'succeeded', counters: { fetched: 0 } })
    expect(await quarantined(writer.salon)).toHaveLength(2)
  })

  it('is not kept from the others by one that the CRM fails on', async () => {
    const salon = await salonWithBroken(10, 3)
    await sync(salon)
    const [poison, ...others] = [...salon.sandbox.broken]
    for (const id of others) salon.sandbox.broken.delete(id)
    Object.assign(salon.sandbox.faults.plan, { rate: 1, kinds: ['500'], path: `/${poison}` })
    expect(await retry(salon)).toMatchObject({ status: 'succeeded', counters: { fetched: 2, inserted: 2 } })
    expect(await quarantined(salon)).toMatchObject([{ externalId: `record:${poison}` }])
    // Alone, it says why it stays.
    expect(await retry(salon)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
  })

  it('fails like any run when the CRM refuses', async () => {
    const salon = await salonWithBroken(10, 2)
    await sync(salon)
    salon.sandbox.denied.add('licence')
    expect(await retry(salon)).toMatchObject({ status: 'failed', error: { kind: 'forbidden' } })
    expect(await quarantined(salon)).toHaveLength(2)
  })
})

describe('records that are in quarantine already', () => {
  const bad = (n: number) => ({ type: 'unmapped', externalId: `bad${n}`, reason: 'no date', raw: { id: n } }) as const

  it('are no other format, though a quiet night shows nothing but them', async () => {
    const before = await createWriter()
    await before.write(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => transaction(id)).concat([1, 2, 3, 4, 5, 6].map(bad)))
    await finishRun(before.salon.context, before.run, { status: 'succeeded' })
    const writer = await createWriter(before.salon)
    for (const shown of [6, 10]) await writer.write(Array.from({ length: shown }, (_, n) => bad(n + 1)))
    expect(await refusedPages(writer)).toBe(0)
    await writer.write([1, 11, 12, 13, 14, 15].map(bad))
    expect(await refusedPages(writer)).toBe(1)
    expect(await quarantined(writer.salon)).toHaveLength(15)
  })

  it('stay there when a scan does not show them', async () => {
    const writer = await createWriter()
    await writer.write([transaction('bad1'), transaction('b')])
    await writer.write([bad(1)])
    await writer.write([{ type: 'missing', externalId: 'bad1' }])
    expect(await quarantined(writer.salon)).toMatchObject([{ externalId: 'bad1' }])
    await writer.write([transaction('bad1')])
    expect(await quarantined(writer.salon)).toEqual([])
  })
})

describe('a page that cannot be read', () => {
  it('is refused when it is more than half: the run fails, quarantine shows why, and nothing is lost', async () => {
    const salon = await salonWithBroken(11, 6)
    const run = await sync(salon)
    expect(run).toMatchObject({ status: 'failed', attempt: 0, error: { code: 'malformed.format_changed' } })
    expect(await allTransactions(salon)).toEqual([])
    expect(await quarantined(salon)).toHaveLength(6)
    salon.sandbox.broken.clear()
    expect(await sync(salon)).toMatchObject({ status: 'succeeded', counters: { inserted: 11 } })
    expect(await quarantined(salon)).toEqual([])
  })

  it('is not refused twice for the same records', async () => {
    const salon = await salonWithBroken(11, 6)
    await sync(salon)
    expect(await sync(salon)).toMatchObject({ status: 'succeeded', counters: { inserted: 5 } })
    expect(await quarantined(salon)).toHaveLength(6)
  })

  it('keeps no other page from being stored', async () => {
    const salon = await salonWithBroken(11, 6)
    const today = new Date(salon.context.clock.now().getTime() - 3_600_000)
    const visit = salon.sandbox.salon.addVisit({ at: today, services: [LINE], attendance: 1 })
    salon.sandbox.salon.pay(visit.id)
    expect(await sync(salon)).toMatchObject({ status: 'failed', counters: { inserted: 1 } })
    expect(await allTransactions(salon)).toHaveLength(1)
  })

  it('goes on when only four are odd, though nothing else is there', async () => {
    const salon = await salonWithBroken(4, 4)
    expect(await sync(salon)).toMatchObject({ status: 'succeeded', counters: { inserted: 0 } })
    expect(await quarantined(salon)).toHaveLength(4)
  })

  it('goes on when it is half or less', async () => {
    const salon = await salonWithBroken(10, 5)
    expect(await sync(salon)).toMatchObject({ status: 'succeeded', counters: { inserted: 5 } })
  })
})
