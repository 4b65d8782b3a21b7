// The rejected rows as a file: downloaded, mended in a spreadsheet and sent as it is.
import { describe, expect, it } from 'vitest'
import { csvLine } from '#lib/csv-cell.ts'
import { encode1251 } from '#test/csv.ts'
import { createFileTenant, type FileTenant, importFile, preview, send, splitCsv, uploadsOf } from '#test/files.ts'
import { allTransactions } from '#test/tenants.ts'

const PLAIN = `Отчёт за март\r\nid;Дата;Сумма;Клиент\r\n1;02.03.2024;5;Анна\r\n2;нет;6;"Пётр; ""кафе"""\r\n-3;04.03.2024;=1+1;Мария\r\n`
const NUMBERS = '№ чека;Дата;Сумма\n1;02.03.2024;5\n1;32.03.2024;7\n2;02.03.2024;8\n'
const LINES = 'ФН;ФД;Дата;Товар;Сумма\n9;1;02.03.2024;Кофе;5\n9;1;02.03.2024;Чай;нет\n9;2;02.03.2024;Чай;3\n'

/** `errors.csv` as Excel in Russia saves it again. */
async function errorsOf(tenant: FileTenant, runId: string, mend: (raw: string) => string) {
  const { text } = await tenant.call('GET', `${tenant.path}/imports/${runId}/errors.csv?delimiter=;`)
  const [header = [], ...rows] = splitCsv(text.replace('\ufeff', ''), ';')
  const mended = rows.map(([line = '', column = '', reason = '', raw = '']) => [line, column, reason, mend(raw)])
  return [header, ...mended].map((row) => csvLine(row, ';')).join('')
}

const sales = async (tenant: FileTenant) =>
  (await allTransactions(tenant)).map(({ externalId, kind, amountMinor, occurredAt, customer }) => ({
    ...{ externalId, kind, amountMinor, occurredAt, customer },
  }))

describe('rejected rows that were mended', () => {
  it.each([
    ['with a preamble and quotes', PLAIN, (text: string) => text.replace('нет', '03.03.2024').replace('=1+1', '-2')],
    ['with receipt numbers', NUMBERS, (text: string) => text.replace('32.03', '03.03')],
    ['with lines of receipts', LINES, (text: string) => text.replace('нет', '4')],
  ])('are what the mended file would have been: %s', async (_, file, mend) => {
    const [tenant, whole] = [await createFileTenant(), await createFileTenant()]
    const { id } = await importFile(tenant, file)
    // A later file has rejected rows in the same lines.
    await importFile(
      tenant,
      file
        .replaceAll(/^(-?)(\d+);/gm, '$17$2;')
        .replaceAll('2024', '2023')
        .replace('Дата', 'Дата продажи'),
    )
    const errors = encode1251(await errorsOf(tenant, id, mend))
    const added = (await preview(tenant, errors)).new
    expect(await importFile(tenant, errors)).toMatchObject({
      ...{ status: 'succeeded', counters: { inserted: added, updated: 0, quarantined: 0 } },
    })
    await importFile(whole, mend(file))
    const found = (await sales(tenant)).filter(({ occurredAt }) => occurredAt >= '2024')
    expect(found).toEqual(await sales(whole))
    expect(await importFile(tenant, errors)).toMatchObject({ counters: { inserted: 0, updated: 0 } })
  })

  it('are rejected again while they are not mended, and can be mended again', async () => {
    const tenant = await createFileTenant()
    const first = await importFile(tenant, PLAIN)
    const again = await importFile(tenant, await errorsOf(tenant, first.id, (raw) => raw))
    expect(again).toMatchObject({ status: 'failed', error: { code: 'malformed.all_rejected' } })
    const second = await errorsOf(tenant, again.id, (raw) => raw.replace('нет', '03.03.2024').replace('=1+1', '7'))
    expect(await importFile(tenant, second)).toMatchObject({ status: 'succeeded', counters: { inserted: 2 } })
  })

  it('are read as all of their file was, whatever a few rows look like', async () => {
    const tenant = await createFileTenant({ skipBottom: 1 })
    const rows = Array.from({ length: 9 }, (_, n) => `${n};0${n + 1}/13/2024;${n}.50;${n}.50\n`)
    const { id } = await importFile(
      tenant,
      `id,Date,Amount,Fee\n`.replaceAll(',', ';') + rows.join('') + '9;x;5.5;1\nend;;;\n',
    )
    const errors = await errorsOf(tenant, id, (raw) => raw.replace('x', '03/04/2024'))
    expect(await importFile(tenant, errors)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    expect((await sales(tenant)).at(-1)).toMatchObject({ externalId: '9', occurredAt: '2024-03-03T21:00:00.000Z' })
  })

  it('that equal a sale of their own file are not lost in silence where rows have no number', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, 'Дата;Сумма\n02.03.2024;5\nнет;5\n03.03.2024;7\n')
    const same = await errorsOf(tenant, id, (raw) => raw.replace('нет', '02.03.2024'))
    expect((await send(tenant, same)).json).toMatchObject({ code: 'unreadable_file', reason: 'mended_known' })
    expect((await preview(tenant, same)).problems).toContainEqual(expect.objectContaining({ code: 'mended_known' }))
    const other = await errorsOf(tenant, id, (raw) => raw.replace('нет', '04.03.2024'))
    expect(await importFile(tenant, other)).toMatchObject({ counters: { inserted: 1 } })
  })

  it('may come in parts, and are refused where nobody knows their file', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, PLAIN)
    const errors = await errorsOf(tenant, id, (raw) => raw.replace('нет', '03.03.2024').replace('=1+1', '7'))
    const stranger = await createFileTenant()
    for (const query of ['', '/preview']) {
      expect((await send(stranger, errors, query)).json).toMatchObject({
        ...{ code: 'unreadable_file', reason: 'rejected_rows_unknown' },
      })
    }
    const { open, part, complete } = uploadsOf(tenant)
    const upload = (await open()).json.id
    const { json } = await part(upload, 1, errors)
    expect((await complete(upload, [json])).status).toBe(202)
    await tenant.context.drain()
    expect((await sales(tenant)).map(({ externalId }) => externalId)).toEqual(['-3', '1', '2'])
  })
})

describe('the sample file', () => {
  it.each([
    ['?language=ru', {}, /^\ufeffНомер заказа;Дата/],
    ['', { 'accept-language': 'ru-RU' }, /^\ufeffНомер заказа;Дата/],
    ['', {}, /^\ufeffOrder number,Date/],
  ])('is imported without a question: %s %j', async (query, headers, beginning) => {
    const tenant = await createFileTenant()
    const sample = await tenant.call('GET', `${tenant.path}/imports/sample.csv${query}`, undefined, headers)
    expect([sample.status, sample.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    // Reading a text removes the byte order mark.
    expect(`\ufeff${sample.text}`).toMatch(beginning)
    const found = await preview(tenant, sample.text)
    expect(found).toMatchObject({ doubts: [], problems: [], totals: { sales: 2, refunds: 1, rejected: 0 }, new: 3 })
    expect(found.columns.every(({ field }: { field: string | null }) => field !== null)).toBe(true)
    expect(await importFile(tenant, sample.text)).toMatchObject({ status: 'succeeded', counters: { inserted: 3 } })
  })
})
