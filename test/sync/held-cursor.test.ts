// A cursor that lists much is not written with each page, and is not lost for that.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { query, take, transaction } from '#test/pages.ts'
import { createSalonTenant, type Salon, sync } from '#test/tenants.ts'
import { startOf, writePage } from '#sync/write-page.ts'

async function cursorOf(salon: Salon, runId: string): Promise<Record<string, unknown>> {
  const [row] = await query(salon, sql`select cursor from sync_runs where id = ${runId}::uuid`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object, as every cursor
  return row?.['cursor'] as Record<string, unknown>
}

it('is written after some seconds, or with the last page', async () => {
  const salon = await createSalonTenant()
  const run = await take(salon)
  let position = startOf(run)
  const write = async (page: number, ids: number, isLast = false) => {
    const cursor = { page, shown: Array.from({ length: ids }, (_, n) => `record:${n}`) }
    const next = await writePage(salon.context, run, position, { records: [transaction(`${page}`)], cursor, isLast })
    if (!next) throw new Error('the page was refused')
    position = next
    return (await cursorOf(salon, run.id))['page']
  }
  const written = []
  for (let page = 1; page <= 6; page += 1) written.push(await write(page, page * 200))
  // The first is small, and the second is the first that is large.
  expect(written).toEqual([1, 1, 1, 1, 1, 1])
  salon.context.clock.advance(5000)
  expect([await write(7, 1400), await write(8, 1600), await write(9, 1), await write(10, 2000, true)]).toEqual([
    7, 7, 9, 10,
  ])
})

const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

it('is written when the slice ends, so that the next one goes on from the last page', async () => {
  const salon = await createSalonTenant()
  const { salon: books } = salon.sandbox
  const at = new Date(Math.floor(salon.context.clock.now().getTime() / 1000) * 1000 - 3_600_000)
  for (let n = 0; n < 900; n += 1) books.pay(books.addVisit({ at, services: [LINE], attendance: 1 }).id)
  const companyId = String(salon.sandbox.connection.additionalConfig['companyId'])
  let fourths = 0
  salon.sandbox.onList = (_path, page) => {
    fourths += page === 4 ? 1 : 0
    // The list of changes has a fourth page, and that by day, which is then under way.
    if (fourths === 2) salon.sandbox.faults.plan.rate = 1
  }
  const { id } = await sync(salon)
  const cursor = await cursorOf(salon, id)
  expect(cursor).toMatchObject({ branches: { [companyId]: { plan: { shown: { length: 800 } } } } })
})
