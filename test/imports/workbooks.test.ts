// Workbooks are read like the CSV that Excel would make of them, whichever way they come.
import { describe, expect, it } from 'vitest'
import { createCsvSandbox } from '#sandbox/csv.ts'
import { fileKey } from '#connections/file-store.ts'
import { createFileTenant, errorsOf, importFile, preview, send, uploadsOf } from '#test/files.ts'
import { allTransactions, type Connected, createVendorTenant, sync } from '#test/tenants.ts'
import { type WorkbookOf, workbookOf } from '#test/workbooks.ts'

const CSV = [
  'Номер операции;Дата и время;Сумма;Тип операции;Клиент;Телефон',
  '000118;02.03.2024 09:14:07;1234,50;Приход;"ООО ""Ромашка""; опт";+79000000001',
  '119;02.03.2024 12:00:00;-350,00;Возврат прихода;Анна П.;89000000002',
  '120;03.03.2024 00:00:00;2000;Приход;;79000000003',
].join('\r\n')

const STRINGS = [
  ...['Номер операции', 'Дата и время', 'Сумма', 'Тип операции', 'Клиент', 'Телефон'],
  ...['Приход', 'Возврат прихода', 'ООО "Ромашка"; опт', 'Анна П.', '000118', '+79000000001'],
]
const text = (at: number) => `<c t="s"><v>${at}</v></c>`
const number = (value: number | string, style = 0) => `<c s="${style}"><v>${value}</v></c>`
const EMPTY = '<c/>'
const HEADER = `<row r="2">${[0, 1, 2, 3, 4, 5].map(text).join('')}</row>`
const ROWS = [
  `<row r="3">${text(10)}${number('45353.384803240739', 1)}${number('1234.5', 2)}${text(6)}${text(8)}${text(11)}</row>`,
  `<row r="4">${number(119)}${number('45353.5', 1)}${number('-349.99999999999994', 2)}${text(7)}${text(9)}${number('89000000002')}</row>`,
  `<row r="6">${number(120)}${number(45354, 1)}${number(2000, 2)}${text(6)}${EMPTY}${number('7.9000000003E+10')}</row>`,
].join('')
const SALES: WorkbookOf = {
  sheets: [
    { name: 'Служебный', state: 'hidden', rows: '<row r="1"><c r="A1"><v>1</v></c></row>' },
    { name: 'Продажи', rows: `<row r="1"/>${HEADER}${ROWS}` },
    { name: 'Остатки', rows: '' },
  ],
  strings: STRINGS,
  formats: [0, 22, '#,##0.00\\ "₽"'],
}

async function storedSales(tenant: Connected) {
  const sales = await allTransactions(tenant)
  return sales
    .map(({ externalId, kind, status, amountMinor, currency, occurredAt, customer }) => ({
      ...{ externalId, kind, status, amountMinor, currency, occurredAt, customer },
    }))
    .toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
}

async function left({ context, integrationId }: Connected) {
  return (await context.files.list({ prefix: fileKey(integrationId, '') })).objects.length
}

describe('a workbook', () => {
  it('becomes the sales of its CSV: uploaded, in parts and from an address', async () => {
    const book = await workbookOf(SALES)
    const csv = await createFileTenant()
    expect(await importFile(csv, CSV)).toMatchObject({ status: 'succeeded', counters: { inserted: 3, quarantined: 0 } })
    const expected = await storedSales(csv)
    expect(expected.map(({ amountMinor }) => amountMinor).toSorted((a, b) => a - b)).toEqual([
      -35_000, 123_450, 200_000,
    ])

    const uploaded = await createFileTenant()
    expect(await importFile(uploaded, book)).toMatchObject({ status: 'succeeded', counters: { inserted: 3 } })
    expect(await storedSales(uploaded)).toEqual(expected)

    const inParts = await createFileTenant()
    const { open, part, complete } = uploadsOf(inParts)
    const { id } = (await open()).json
    const sent = await part(id, 1, book)
    expect([sent.status, (await complete(id, [sent.json])).status]).toEqual([200, 202])
    await inParts.context.drain()
    expect(await storedSales(inParts)).toEqual(expected)

    const pulled = await createVendorTenant((now) => ({
      ...createCsvSandbox({ now }),
      app: { fetch: () => new Response(book, { headers: { 'content-length': String(book.byteLength) } }) },
    }))
    expect(await sync(pulled)).toMatchObject({ status: 'succeeded', counters: { inserted: 3 } })
    expect(await storedSales(pulled)).toEqual(expected)
    expect(await sync(pulled)).toMatchObject({ status: 'succeeded', counters: { pages: 0 } })
    expect([await left(uploaded), await left(inParts), await left(pulled)]).toEqual([0, 0, 1])
    const { json: report } = await pulled.call('POST', `${pulled.path}/test`)
    expect([report.ok, report.sample.length]).toEqual([true, 3])
  })

  it('is previewed, with the name of the sheet that was read', async () => {
    const tenant = await createFileTenant()
    const shown = await preview(tenant, await workbookOf(SALES))
    expect(shown).toMatchObject({
      dialect: { headerLine: 2 },
      totals: { sales: 2, refunds: 1, rejected: 0 },
      isWhole: true,
    })
    const problem = shown.problems.find(({ code }: { code: string }) => code === 'sheet_read')
    expect(problem.detail).toMatch(/“Продажи”.*Остатки/)
    expect(problem.detail).not.toContain('Служебный')
  })

  it('larger than a preview reads is stored for as long as that takes', async () => {
    const tenant = await createFileTenant()
    const noise = new Uint8Array(1_500_000)
    for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536))
    const book = await workbookOf({ ...SALES, parts: [{ path: 'xl/media/image1.png', content: noise }] })
    expect(await preview(tenant, book)).toMatchObject({ totals: { sales: 2 }, isWhole: true })
    const form = new FormData()
    form.append('file', new Blob([book]), 'sales.xlsx')
    form.append('format', '{}')
    const request = new Request('https://api.example.com', { method: 'POST', body: form })
    const type = { 'content-type': request.headers.get('content-type') ?? '' }
    const { status, json } = await send(tenant, new Uint8Array(await request.arrayBuffer()), '/preview', type)
    expect([status, json.totals.sales]).toEqual([200, 2])
    expect(await left(tenant)).toBe(0)
    expect(await importFile(tenant, book)).toMatchObject({ status: 'succeeded', counters: { inserted: 3 } })
    expect(await left(tenant)).toBe(0)
  })

  it('has its rejected rows under the numbers of its rows', async () => {
    const tenant = await createFileTenant()
    const bad = `<row r="9">${number(121)}<c t="str"><v>вчера</v></c>${number(5)}${text(6)}</row>`
    const book = await workbookOf({ ...SALES, sheets: [{ rows: HEADER + ROWS + bad }] })
    const run = await importFile(tenant, book)
    expect(run.counters).toMatchObject({ inserted: 3, quarantined: 1 })
    expect(await errorsOf(tenant, run.id)).toEqual(expect.arrayContaining([expect.objectContaining({ line: 9 })]))
  })

  it('gives the sheet that the settings name', async () => {
    const tenant = await createFileTenant({ sheet: 'служебный' })
    const sheets = [{ rows: '<row r="1"><c><v>1</v></c></row>' }, { name: 'Служебный', rows: HEADER + ROWS }]
    expect(await importFile(tenant, await workbookOf({ ...SALES, sheets }))).toMatchObject({
      counters: { inserted: 3 },
    })
    const { status, json } = await send(tenant, await workbookOf({ ...SALES, sheets: sheets.slice(0, 1) }))
    expect([status, json.reason]).toEqual([422, 'sheet_missing'])
  })

  it('that cannot be read is refused in the sender’s language, and nothing of it stays', async () => {
    const tenant = await createFileTenant()
    const book = await workbookOf(SALES)
    const late = await workbookOf({ ...SALES, sheets: [{ rows: `${HEADER}${ROWS}<row r="1"/>` }] })
    for (const query of ['', '?dryRun=true']) {
      const { status, json } = await send(tenant, late, query, { 'accept-language': 'ru' })
      expect([status, json.reason]).toEqual([422, 'workbook_damaged'])
      expect(json.detail).toMatch(/повреждена.*CSV/)
      expect((await send(tenant, book.slice(0, -100), query)).json.reason).toBe('xlsx')
    }
    const { status, json } = await send(tenant, await workbookOf({ ...SALES, sheets: [{ rows: '' }] }))
    expect([status, json.reason]).toEqual([422, 'sheet_empty'])
    expect(await left(tenant)).toBe(0)
    expect((await tenant.call('GET', `${tenant.path}/runs`)).json.items).toEqual([])
    const pulled = await createVendorTenant((now) => ({
      ...createCsvSandbox({ now }),
      app: { fetch: () => new Response(late) },
    }))
    expect(await sync(pulled)).toMatchObject({ status: 'failed', error: { code: 'malformed.workbook_damaged' } })
    expect(await left(pulled)).toBe(0)
  })
})
