// All transactions as a file, and the way back.
import { sql } from 'drizzle-orm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanCell } from '#crm/csv/cells.ts'
import { csvLine, guardCell } from '#lib/csv-cell.ts'
import { createFileTenant, type FileTenant, importFile, splitCsv } from '#test/files.ts'
import { allTransactions, createTenant } from '#test/tenants.ts'
import { tenantToken } from '#test/tokens.ts'

const exported = async (tenant: FileTenant, query = '') =>
  tenant.call('GET', `${tenant.path}/transactions/export${query}`)

const CONTENT = `№ чека;Дата;Сумма;Клиент;Телефон;Номер карты;Статус;Email
000118;02.03.2024 09:14:07,250;1 234,50;"ООО ""Ромашка""; кафе";89000000001;="0012";оплачен;a@b.ru
000119;02.03.2024 09:20;-350;'=1+1;;;оплачен;
000120;03.03.2024;0;-;+375291234567;;оплачен;
`

describe('an export as CSV', () => {
  it('opens in Excel in Russia: a byte order mark, semicolons, decimal commas, dates as there', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, CONTENT)
    const headers = { authorization: `Bearer ${await tenantToken(tenant.businessId)}` }
    const response = await tenant.context.app.fetch(
      new Request(`https://api.example.com${tenant.path}/transactions/export?format=csv`, { headers }),
    )
    expect([response.headers.get('content-type'), response.headers.get('content-disposition')]).toEqual([
      'text/csv; charset=utf-8',
      'attachment; filename="transactions.csv"',
    ])
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await response.arrayBuffer())
    expect(text.split('\r\n')).toEqual([
      '\ufeffid;date;amount;currency;kind;status;name;phone;email;card;customer id;location',
      "000120@2024-03-03;03.03.2024 00:00:00;0,00;RUB;sale;paid;;'+375291234567;;;;",
      "000119@2024-03-02;02.03.2024 09:20:00;-350,00;RUB;refund;paid;'=1+1;;;;;",
      `000118@2024-03-02;02.03.2024 09:14:07.250;1234,50;RUB;sale;paid;"ООО ""Ромашка""; кафе";'+79000000001;a@b.ru;0012;;`,
      '',
    ])
  })

  it('can be imported again, and nothing changes', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, CONTENT)
    await importFile(
      tenant,
      CONTENT.replace('119;02.03.2024 09:20;-350', '119;02.03.2024 09:20;-351').replaceAll(
        'оплачен;a@b.ru',
        'отменён;a@b.ru',
      ),
    )
    const before = await allTransactions(tenant)
    expect(new Set(before.map(({ status }) => status))).toEqual(new Set(['paid', 'cancelled']))
    const { text } = await exported(tenant)
    expect(await importFile(tenant, text)).toMatchObject({
      ...{ status: 'succeeded', counters: { inserted: 0, updated: 0, unchanged: 3, quarantined: 0 } },
    })
    expect(await allTransactions(tenant)).toEqual(before)
    // Also where the settings are those of the till's own files.
    const settings = {
      ...{ mapping: { id: '№ чека', amount: 'Сумма', idScope: 'day' }, delimiter: ',', encoding: 'windows-1251' },
      ...{ headerLine: 1, rows: 'lines', negative: 'ignore' },
    }
    for (const additionalConfig of [settings, { mapping: { idScope: 'day' } }]) {
      await tenant.call('PATCH', tenant.path, { additionalConfig })
      expect(await importFile(tenant, `\ufeff${text}`)).toMatchObject({
        ...{ status: 'succeeded', counters: { inserted: 0, updated: 0, unchanged: 3, skipped: 0, quarantined: 0 } },
      })
    }
  })

  it.each([
    { timezone: 'Europe/Berlin', currency: 'EUR' },
    { timezone: 'Asia/Vladivostok', currency: 'JPY' },
    { timezone: 'Europe/Moscow', currency: 'KWD' },
    { timezone: '+05:45', currency: 'RUB' },
  ])('comes back as it was, whatever it holds, with $timezone and $currency', async (settings) => {
    const tenant = await createFileTenant(settings)
    await importFile(tenant, 'id;Дата;Сумма\nseed;02.03.2024;5,55\n')
    const ambiguous = [
      '2024-10-27T00:30:00Z',
      '2024-10-27T01:30:00Z',
      '2024-10-27T01:30:00.125Z',
      '2024-03-31T01:00:00Z',
      '2010-03-28T02:30:00Z',
    ]
    const texts = [
      '=1+1',
      "'=x",
      "''x",
      "'5",
      '-5 x',
      '@',
      '+7',
      'a;"b"',
      '＝1',
      '\tx'.trim(),
      'Итого',
      'id',
      '"',
      "О'Нил",
    ]
    for (const [n, name] of texts.entries()) {
      const customer = { name, card: `0${n}`, phone: n % 2 ? '+79000000001' : null }
      const [at, minor] = [ambiguous[n % ambiguous.length], [0, 5, 123_456, 1000, 1_234_567][n % 5] ?? 0]
      await tenant.context.db.execute(sql`
        insert into crm_transactions (business_id, integration_id, external_id, kind, status, amount_minor, currency, occurred_at,
          customer_name, customer_card, customer_phone, items, change_seq, seen_seq, settings_epoch)
        values (${tenant.businessId}::uuid, ${tenant.integrationId}::uuid, ${`t${n}`}, ${n % 3 ? 'sale' : 'refund'}, 'paid',
          ${n % 3 ? minor : -minor}::bigint, ${settings.currency}, ${at}::timestamptz, ${customer.name}, ${customer.card}, ${customer.phone},
          '[]', ${1000 + n}::bigint, 0, 1)`)
    }
    await tenant.context.db.execute(
      sql`update crm_integrations set change_seq = 5000 where id = ${tenant.integrationId}::uuid`,
    )
    const before = await allTransactions(tenant)
    const { text } = await exported(tenant)
    const run = await importFile(tenant, text)
    expect(await allTransactions(tenant)).toEqual(before)
    expect(run).toMatchObject({
      status: 'succeeded',
      counters: { inserted: 0, updated: 0, unchanged: before.length, quarantined: 0 },
    })
  })

  it('raises no question, though rows were changed since: each is stored or rejected', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, CONTENT)
    const { text } = await exported(tenant)
    const changed = text
      .replace('02.03.2024 09:14:07.250;1234,50', '04.03.2024 10:00:00;1235,50')
      .replace('0,00;RUB;sale', '0,00;RUB;абв')
    expect(await importFile(tenant, changed)).toMatchObject({
      counters: { inserted: 0, updated: 1, unchanged: 1, skipped: 0, quarantined: 1 },
    })
  })

  it('runs nothing in a spreadsheet and spoils no sum', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(...`=+-@\t\r\n\v\0＝'5x ,";`.split('')),
        }),
        (text) => {
          const cell = guardCell(text)
          expect(/^\p{Cc}|^\s*[=+\-@＝＋－＠]/u.test(cell) && !/^[-+]?\d+(?:[.,]\d+)?$/.test(cell)).toBe(false)
          const clean = cleanCell(text.replace(/^'(?=['\d]|\p{Cc}|\s*[=+\-@＝＋－＠])/u, '"$&'))
          expect(cleanCell(guardCell(clean))).toBe(clean)
          expect(splitCsv(csvLine([cell, 'x'], ';'), ';')).toEqual([[cell, 'x']])
        },
      ),
      { numRuns: 2000 },
    )
    expect(['-100,00', '+5', '1234.5'].map(guardCell)).toEqual(['-100,00', '+5', '1234.5'])
    expect(guardCell('+79000000001')).toBe("'+79000000001")
  })
})

describe('an export', () => {
  it('as lines of JSON is what the list says', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, CONTENT)
    const { text, headers } = await exported(tenant, '?format=ndjson')
    expect(headers.get('content-type')).toBe('application/x-ndjson')
    const { items } = (await tenant.call('GET', `${tenant.path}/transactions`)).json
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(items)
  })

  it('goes on page by page, as far as the filters say', async () => {
    const tenant = await createFileTenant()
    const rows = Array.from(
      { length: 2100 },
      (_, n) => `${n};${String((n % 20) + 1).padStart(2, '0')}.03.2024;${n % 2 ? 5 : -5}`,
    )
    await importFile(tenant, `id;Дата;Сумма\n${rows.join('\n')}\n`)
    const ids = async (query: string) =>
      splitCsv((await exported(tenant, query)).text, ';')
        .slice(1)
        .map(([id]) => id)
    expect(new Set(await ids('')).size).toBe(2100)
    expect(await ids('?kind=refund')).toHaveLength(1050)
    expect(await ids('?from=2024-03-05T00:00:00%2B03:00&to=2024-03-06T00:00:00%2B03:00')).toHaveLength(105)
  })

  it('of nothing is a header', async () => {
    const tenant = await createFileTenant()
    expect(splitCsv((await exported(tenant)).text, ';')).toHaveLength(1)
    expect((await exported(tenant, '?format=ndjson')).text).toBe('')
    expect((await exported(tenant, '?format=xlsx')).json.errors[0].path).toBe('query.format')
  })

  it('is nobody else’s', async () => {
    const tenant = await createFileTenant()
    const stranger = await createTenant(tenant.context)
    expect((await stranger.call('GET', `${tenant.path}/transactions/export`)).status).toBe(404)
  })
})
