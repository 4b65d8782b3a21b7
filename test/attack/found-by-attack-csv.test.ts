// What a stranger found in the import of files, each with a number of its own.
// 1. A quoted formula in a rejected row runs where a spreadsheet cuts errors.csv at other marks.
// 2. Two files in the form of a preview are read as one, and the second is kept in memory whole.
// 3. A forged file of rejected rows is taken for those of any import by its line 0.
// 4. A rejected row that got another date takes the place of another sale of its own file, which has the same number.
// 5. A cell comes back in a question with its control characters, and with all of its 60 KB.
import { describe, expect, it } from 'vitest'
import { cleanCell } from '#crm/csv/cells.ts'
import { csvLine, guardCell } from '#lib/csv-cell.ts'
import { createFileTenant, type FileTenant, importFile, preview, send } from '#test/files.ts'
import { allTransactions } from '#test/tenants.ts'

const rejectedFile = (...rows: readonly (readonly [number, string, string])[]) =>
  [
    'line,column,reason,raw\r\n',
    ...rows.map(([line, column, raw]) => csvLine([String(line), column, '', raw], ',')),
  ].join('')

describe('1: a formula in quotes', () => {
  it.each(['1;"=1+1&";5', '1;"@SUM(A1)"', '"=1+1&";5', '1;""" =1+1"', '1;\'"=1', '1;"-350,50";3', `"'"=1`])(
    'begins no cell of another spreadsheet, and comes back: %s',
    (raw) => {
      const line = csvLine(['5', guardCell(raw)], ',')
      for (const cell of line.trimEnd().split(';')) {
        expect(cell.replaceAll('"', '')).not.toMatch(/^\s*(?:[=+@]|-(?!350))/)
      }
      expect(cleanCell(guardCell(raw))).toBe(raw)
    },
  )

  it('leaves quoted sums as they are', () => {
    expect(guardCell('1;"-350,50";02.03.2024')).toBe('1;"-350,50";02.03.2024')
  })
})

describe('2: a form with two files', () => {
  const part = (name: string, text: string) =>
    `--XX\r\nContent-Disposition: form-data; name="${name}"; filename="a.csv"\r\n\r\n${text}\r\n`
  const file = (id: number) => part('file', `id,Date,Amount\n${id},2024-03-13,5\n`)

  it.each([`${file(1)}${file(2)}--XX--\r\n`, `${file(1)}${part('more', 'id\n')}--XX--\r\n`])(
    'is refused',
    async (form) => {
      const tenant = await createFileTenant()
      for (const pieces of [1, 100]) {
        const { status, json } = await send(tenant, streamOf(form, pieces), '/preview', {
          'content-type': 'multipart/form-data; boundary=XX',
        })
        expect([status, json.code, json.errors?.[0]?.path]).toEqual([400, 'invalid_request', 'file'])
      }
    },
  )
})

function streamOf(text: string, pieces: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  const size = Math.ceil(bytes.length / pieces)
  return new ReadableStream({
    start: (controller) => {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size))
      controller.close()
    },
  })
}

it('3: line 0 of a file of rejected rows is of no import', async () => {
  const tenant = await createFileTenant()
  await importFile(tenant, 'id;Дата;Сумма\n1;13.02.2024;5\n2;нет;7\n')
  const { status, json } = await send(tenant, rejectedFile([0, '', '{"top":"id;Дата;Сумма']), '/preview')
  expect([status, json.reason]).toEqual([422, 'rejected_rows_unknown'])
})

describe('4: a mended row with the number of another row of its file', () => {
  const FILE = '№ чека;Дата;Сумма\n1;02.03.2024;5\n1;32.03.2024;7\n2;02.03.2024;8\n3;нет;9\n'
  const sums = async (tenant: FileTenant) =>
    Object.fromEntries((await allTransactions(tenant)).map((sale) => [sale.externalId, sale.amountMinor]))

  it('is not imported over that one', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, FILE)
    const errors = rejectedFile([3, 'Дата', '1;02.03.2024;7'], [5, 'Дата', '3;02.03.2024;9'])
    expect((await send(tenant, errors)).json).toMatchObject({ code: 'unreadable_file', reason: 'mended_number' })
    expect((await preview(tenant, errors)).problems).toContainEqual(expect.objectContaining({ code: 'mended_number' }))
    expect(await sums(tenant)).toEqual({ '1@2024-03-02': 500, '2@2024-03-02': 800 })
  })

  it('may change what an earlier file brought, and may be mended again', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, '№ чека;Дата;Сумма\n3;02.03.2024;70\n')
    await importFile(tenant, FILE)
    for (const [sum, updated] of [
      [8, 1],
      [9, 1],
      [9, 0],
    ]) {
      const errors = rejectedFile([5, 'Дата', `3;02.03.2024;${sum}`], [3, 'Дата', '1;03.03.2024;7'])
      expect(await importFile(tenant, errors)).toMatchObject({ status: 'succeeded', counters: { updated } })
    }
    expect(await sums(tenant)).toMatchObject({ '1@2024-03-02': 500, '1@2024-03-03': 700, '3@2024-03-02': 900 })
  })
})

describe('5: a text of a file in a question', () => {
  it.each([
    ['a word', 'Номер;Дата;Сумма;Статус\n1;13.02.2024;5;A\u0007\u202e\u2066bc\n'],
    ['an example', `Номер;Дата;Сумма\n1;03/04/2024 ${'x'.repeat(60_000)};5\n2;03/04/2024;6\n`],
    ['a number', 'Номер;Дата;Сумма\nA\u001b\u202e1;13.02.2024;5\nA\u001b\u202e1;14.02.2024;6\n'],
  ])('is one short line of plain text: %s', async (_, file) => {
    const { doubts } = await preview(await createFileTenant(), file)
    expect(doubts).toHaveLength(1)
    expect(doubts[0].message).toMatch(/^[^\p{Cc}\p{Bidi_Control}]{10,900}$/u)
  })
})
