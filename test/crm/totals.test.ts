// What a vendor adds up by itself, against its own books.
import { describe, expect, it } from 'vitest'
import type { DayTotal } from '#crm/connector.ts'
import { connectorOf } from '#crm/registry.ts'
import { localDate } from '#lib/time.ts'
import { createCafeTenant } from '#test/cafe.ts'
import { openedSession } from '#test/pulls.ts'
import { createShopTenant, linesOf } from '#test/shop.ts'
import { allTransactions, type Connected, sync } from '#test/tenants.ts'

const ZONE = 'Europe/Moscow'

async function totalsOf(tenant: Connected, from: string, to: string): Promise<readonly DayTotal[] | null> {
  const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
  return (await connector.totals?.(session, { from, to })) ?? null
}

function dayOf({ context }: Connected, daysAgo: number): string {
  return localDate(new Date(context.clock.now().getTime() - daysAgo * 86_400_000), ZONE)
}

/** By day: how many paid sales are stored, and their sum. */
async function storedByDay(tenant: Connected): Promise<ReadonlyMap<string, readonly [number, number]>> {
  const days = new Map<string, readonly [number, number]>()
  for (const { status, occurredAt, amountMinor } of await allTransactions(tenant)) {
    const day = localDate(new Date(occurredAt), ZONE)
    const [count, sum] = days.get(day) ?? [0, 0]
    if (status === 'paid') days.set(day, [count + 1, sum + amountMinor])
  }
  return days
}

describe('the totals of a vendor', () => {
  it.each([{ withReports: true }, { withServer: true }])(
    'of iiko equal what is stored of each day, write-offs, returns and nights included: %j',
    async (source) => {
      const tenant = await createCafeTenant({ demo: true, ...source, settings: { initialDays: 12 } })
      await sync(tenant)
      const stored = await storedByDay(tenant)
      const [from, to] = [dayOf(tenant, 6), dayOf(tenant, 1)]
      const totals = (await totalsOf(tenant, from, to)) ?? []
      expect(totals.length).toBeGreaterThan(4)
      for (const { day, count, amountMinor, locationId, source: report } of totals) {
        expect([day, count, amountMinor]).toEqual([day, ...(stored.get(day) ?? [])])
        expect([locationId, report]).toEqual([null, 'iiko_olap'])
        expect(day >= from && day <= to).toBe(true)
      }
    },
  )

  it('of iiko are none where no reports can be read', async () => {
    const tenant = await createCafeTenant()
    expect(await totalsOf(tenant, dayOf(tenant, 1), dayOf(tenant, 1))).toBeNull()
  })

  it('of 1C are the reports of its shifts, without what was taken back by hand', async () => {
    const tenant = await createShopTenant()
    const { shop } = tenant.sandbox
    const at = (daysAgo: number) => {
      const ms = tenant.context.clock.now().getTime() - daysAgo * 86_400_000
      return new Date(ms - (ms % 1000))
    }
    shop.add({ at: at(2), lines: linesOf(tenant, 300) })
    shop.add({ at: at(2), lines: linesOf(tenant, 100), isRefund: true })
    const { id } = shop.add({ at: at(1), lines: linesOf(tenant, 50) })
    shop.add({ at: at(1), lines: linesOf(tenant, 70) })
    shop.vanish(id, true)
    const report = { locationId: null, count: null, currency: 'RUB', source: '1c_shift_report' }
    expect(await totalsOf(tenant, dayOf(tenant, 3), dayOf(tenant, 0))).toEqual([
      { ...report, day: dayOf(tenant, 2), amountMinor: 20_000 },
      { ...report, day: dayOf(tenant, 1), amountMinor: 7000 },
    ])
    // A week without a shift, as of holidays, is no base without reports.
    expect(await totalsOf(tenant, dayOf(tenant, 10), dayOf(tenant, 4))).toEqual([])
    tenant.sandbox.published.delete('Document_ОтчетОРозничныхПродажах')
    expect(await totalsOf(tenant, dayOf(tenant, 3), dayOf(tenant, 0))).toBeNull()
  })

  it('are none of a configuration without shifts, nor of a vendor whose documents name no such report', async () => {
    const tenant = await createShopTenant({ configuration: 'bp' })
    expect(await totalsOf(tenant, dayOf(tenant, 3), dayOf(tenant, 0))).toBeNull()
    for (const type of ['yclients', 'amo_crm', 'renovatio', 'csv'] as const) {
      expect('totals' in connectorOf(type)).toBe(false)
    }
  })
})
