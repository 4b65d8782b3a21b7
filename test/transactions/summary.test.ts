import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { CanonicalTransaction } from '#crm/contract.ts'
import { matches } from '#db/filter.ts'
import { CONDITIONS, TransactionFilter } from '#transactions/filter.ts'
import { summary } from '#transactions/summary.ts'
import { createWriter, query, transaction, type Writer } from '#test/pages.ts'
import { createTenant } from '#test/tenants.ts'

const sale = (externalId: string, occurredAt: string, change: Partial<CanonicalTransaction> = {}) =>
  transaction(externalId, { occurredAt, ...change })
const at = (externalId: string) => ({ externalId, name: externalId })

async function filled(): Promise<Writer['salon']> {
  const { salon, write } = await createWriter()
  await write([
    sale('a', '2026-02-28T20:59:59Z', { amountMinor: 100, location: at('north') }),
    // In Moscow it is March already.
    sale('b', '2026-02-28T21:00:00Z', { amountMinor: 20, location: at('north') }),
    sale('c', '2026-03-01T09:00:00Z', { amountMinor: 3, location: at('south') }),
    sale('d', '2026-03-01T10:00:00Z', { amountMinor: 4, location: at('south') }),
    sale('e', '2026-03-02T10:00:00Z', { amountMinor: -5, kind: 'refund', location: null }),
    sale('f', '2026-03-02T10:00:00Z', { amountMinor: 7, currency: 'KZT', location: null }),
  ])
  return salon
}

async function summarized(salon: Writer['salon'], search: string) {
  const { status, json } = await salon.call('GET', `${salon.path}/transactions/summary?${search}`)
  if (status !== 200) return json.code
  return json.items.map((item: Record<string, unknown>) => Object.values(item).join(' '))
}

/** The plan of a statement that could read the table from end to end, and is kept from it, by what is stored now. */
async function planOf({ context }: Writer['salon'], statement: ReturnType<typeof summary>): Promise<string> {
  const [, , explained] = await context.db.batch([
    context.db.execute(sql`analyze crm_transactions`),
    context.db.execute(sql`set local enable_seqscan = off`),
    context.db.execute<{ 'QUERY PLAN': string }>(sql`explain ${statement}`),
  ])
  return explained.rows.map((row) => row['QUERY PLAN']).join('\n')
}

describe('a summary', () => {
  it('counts by day of the business’s zone, location, kind, status and currency', async () => {
    expect(await summarized(await filled(), 'from=2026-02-28&to=2026-03-02&groupBy=day')).toEqual([
      '2026-02-28 north sale paid RUB 1 100',
      '2026-03-01 north sale paid RUB 1 20',
      '2026-03-01 south sale paid RUB 2 7',
      '2026-03-02  refund paid RUB 1 -5',
      '2026-03-02  sale paid KZT 1 7',
    ])
  })

  it.each([
    ['weeks that begin on Monday', 'from=2026-02-28&to=2026-03-02&groupBy=week', ['2026-02-23', '2026-03-02']],
    ['months', 'from=2026-02-01&to=2026-03-31&groupBy=month', ['2026-02-01', '2026-03-01']],
    ['the part of a period that the range has', 'from=2026-03-02&to=2026-03-02&groupBy=month', ['2026-03-01']],
    ['times', 'from=2026-02-28T21:00:00Z&to=2026-03-01T09:00:00Z&groupBy=day', ['2026-03-01']],
    ['one location', 'from=2026-02-01&to=2026-03-31&groupBy=day&locationId=south', ['2026-03-01']],
    ['a range without sales', 'from=2020-01-01&to=2020-12-31&groupBy=day', []],
  ])('has %s', async (_name, search, periods) => {
    const items: string[] = await summarized(await filled(), search)
    expect([...new Set(items.map((item) => item.slice(0, 10)))]).toEqual(periods)
  })

  it('covers 400 days and no more, and no range that ends before it begins', async () => {
    const { salon } = await createWriter()
    expect(await summarized(salon, 'from=2026-01-01&to=2027-02-04&groupBy=day')).toEqual([])
    expect(await summarized(salon, 'from=2026-01-01&to=2027-02-05&groupBy=day')).toBe('range_too_large')
    for (const search of ['from=2026-02-02&to=2026-02-01', 'from=2026-02-30&to=2026-03-01', 'from=2026-01-01']) {
      expect(await summarized(salon, `${search}&groupBy=day`)).toBe('invalid_request')
    }
  })

  it('covers the years whose days can be counted', async () => {
    const { salon } = await createWriter()
    const periods = [
      ['0001-01-01T00:00:00Z', '0001-01-03T00:00:00Z'],
      ['1850-01-01T00:00:00Z', '1850-01-03T00:00:00Z'],
      ['1900-01-01', '1900-01-03'],
      ['9999-12-30T00:00:00Z', '9999-12-31T23:59:59Z'],
    ]
    for (const [from, to] of periods) {
      for (const groupBy of ['day', 'week', 'month'])
        expect(await summarized(salon, `from=${from}&to=${to}&groupBy=${groupBy}`)).toBe('invalid_request')
    }
    expect(await summarized(salon, 'from=1901-01-01&to=1901-01-03&groupBy=week')).toEqual([])
    expect(await summarized(salon, 'from=2999-12-01&to=2999-12-31&groupBy=month')).toEqual([])
  })

  it('reads the index by time', async () => {
    const { salon, write } = await createWriter()
    const newYear = Date.parse('2026-01-01T00:00:00Z')
    const daysFrom = (n: number) => new Date(newYear + n * 86_400_000).toISOString()
    await write(Array.from({ length: 800 }, (_, n) => sale(`day ${n}`, daysFrom(n - 700))))
    const [from, to] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']
    const scope = { integrationId: salon.integrationId, tenant: salon.businessId, locationId: 'north' }
    const plan = await planOf(salon, summary(scope, { from, to, zone: 'Europe/Moscow', periods: ['2026-01-01'] }))
    expect(plan).toMatch(/crm_transactions_newest[^]*Index Cond:.*integration_id.*occurred_at/)
  })
})

describe('filters', () => {
  it('find sales by day, location, name and the end of a phone', async () => {
    const { salon, write } = await createWriter()
    const customer = (name: string, phone: string | null) => ({
      externalId: null,
      name,
      phone,
      email: null,
      card: null,
    })
    await write([
      sale('a', '2026-02-28T20:59:59Z', { customer: customer('Семён Ёлкин', '+79001234567'), location: at('north') }),
      sale('b', '2026-02-28T21:00:00Z', { customer: customer('Anna 100%_', '+79001230007'), location: at('south') }),
      sale('c', '2026-03-02T09:00:00Z', { customer: null }),
    ])
    const found = async (search: string) => {
      const { json } = await salon.call('GET', `${salon.path}/transactions?${search}`)
      return json.items?.map(({ externalId }: { externalId: string }) => externalId).join('') ?? json.code
    }
    const cases = {
      ...{ 'from=2026-03-01': 'cb', 'to=2026-02-28': 'a', 'from=2026-03-01&to=2026-03-01': 'b' },
      ...{ 'locationId=north': 'a', 'q=семен': 'a', 'q=ЁЛК': 'a', 'q=anna': 'b', 'q=0%25_': 'b', 'q=%25': 'b' },
      ...{ 'q=4567': 'a', 'q=0007': 'b', 'q=12-34-567': 'a', 'q=8 900 123 45 67': 'a', 'q=%2B79001230007': 'b' },
      ...{ 'q=9999': '', 'q=567': '', 'q=': 'invalid_request', 'from=2026-02-30': 'invalid_request' },
      'customerPhone=%2B79001234567': 'a',
    }
    for (const [search, ids] of Object.entries(cases)) expect([search, await found(search)]).toEqual([search, ids])
    const file = await salon.call('GET', `${salon.path}/transactions/export?from=2026-03-02&format=ndjson`)
    expect(file.text.trim().split('\n')).toHaveLength(1)
  })

  it('read the index of phones from their end', async () => {
    const { salon } = await createWriter()
    // Few rows are read by any index.
    await query(
      salon,
      sql`insert into crm_transactions (business_id, integration_id, external_id, kind, status, amount_minor, currency,
        occurred_at, customer_phone, items, change_seq, seen_seq, settings_epoch)
      select ${salon.businessId}::uuid, ${salon.integrationId}::uuid, n, 'sale', 'paid', 1, 'RUB', now(),
        '+7900' || lpad(n::text, 7, '0'), '[]', n, n, 1 from generate_series(1, 3000) n`,
    )
    for (const search of [{ q: '4567' }, { customerPhone: '+79001234567' }]) {
      const filter = matches(TransactionFilter.parse(search), CONDITIONS)
      const plan = await planOf(
        salon,
        sql`select t.id from crm_transactions t where t.integration_id = ${salon.integrationId}::uuid and ${filter}`,
      )
      expect(plan).toMatch(/crm_transactions_phone[^]*Index Cond:.*reverse/)
    }
  })

  it('show another business nothing', async () => {
    const salon = await filled()
    const other = await createTenant(salon.context)
    for (const path of [
      'transactions/summary?from=2026-01-01&to=2026-01-02&groupBy=day',
      'transactions?from=2026-01-01',
    ]) {
      expect((await other.call('GET', `${salon.path}/${path}`)).status).toBe(404)
    }
  })
})
