// Each trap in how the files of tills, 1C, Excel and operators of fiscal data are put together.
import { describe, expect, it } from 'vitest'
import { readBatches } from '#crm/csv/batches.ts'
import { readFor } from '#crm/csv/reading.ts'
import { answering, askedOf, encode1251, encodeBy, givenFor, readFile, refusalOf } from '#test/csv.ts'

const HEADER = 'id;Дата;Сумма;Клиент'
const ROW = '1;02.03.2024 09:14;100,50;Анна'
const file = (...rows: readonly string[]) => `${[HEADER, ...rows].join('\n')}\n`

async function sums(content: string | Uint8Array, settings: Readonly<Record<string, unknown>> = {}) {
  const { sales, rejected } = await readFile(content, settings)
  return [...sales.map(({ amountMinor }) => amountMinor), ...rejected.map(({ reason }) => reason)]
}

describe('the separator', () => {
  it.each([';', ',', '\t', '|'])('%j is found by what it makes of the rows', async (mark) => {
    const rows = [
      ['id', 'date', 'amount', 'name'],
      ['1', '2024-03-02', '100.50', 'Ann'],
      ['2', '2024-03-03', '7', 'Bob'],
    ]
    expect(await sums(rows.map((row) => row.join(mark)).join('\n'))).toEqual([10_050, 700])
  })

  it.each(['sep=;', '"sep=;"', 'SEP=;', 'sep=,', String.raw`sep=\t`, 'sep=\t'])(
    'is what Excel’s own hint says: %s',
    async (hint) => {
      const mark = /;/.test(hint) ? ';' : /,/.test(hint) ? ',' : '\t'
      const { sales } = await readFile(
        `${hint}\r\n${['id', 'date', 'sum'].join(mark)}\r\n${['7', '02.03.2024', '5'].join(mark)}\r\n`,
      )
      expect(sales).toMatchObject([{ externalId: '7', amountMinor: 500 }])
    },
  )

  it('is not the comma of the sums', async () => {
    expect(await sums('Дата;Сумма\n02.03.2024;1234,50\n03.03.2024;17,05\n')).toEqual([123_450, 1705])
  })

  it('can be told', async () => {
    expect(await sums('date#amount#name\n2024-03-02#5#a;b,c|d\n', { delimiter: '#' })).toEqual([500])
  })

  it('may be followed by spaces before a quote, where the file does so', async () => {
    expect(await sums('id; "Дата"; "Сумма"\n1; "02.03.2024"; "1 000,00"\n2; "02.03.2024"; "5,00"\n')).toEqual([
      100_000, 500,
    ])
  })
})

describe('the encoding', () => {
  const text = file(ROW, '2;02.03.2024;7;Ёлка «Ель»')
  const names = async (content: Uint8Array, settings = {}) => {
    const { sales, encoding } = await readFile(content, settings)
    return [encoding, ...sales.map(({ customer }) => customer?.name)]
  }

  it.each(['utf-16le', 'utf-16be'])('is %s with its mark, and without it by the zeros', async (encoding) => {
    expect(await names(encodeBy(encoding, `\ufeff${text}`))).toEqual([encoding, 'Анна', 'Ёлка «Ель»'])
    expect(await names(encodeBy(encoding, text))).toEqual([encoding, 'Анна', 'Ёлка «Ель»'])
  })

  it('is UTF-8 with and without its mark', async () => {
    const utf8 = (one: string) => new TextEncoder().encode(one)
    expect(await names(utf8(`\ufeff${text}`))).toEqual(['utf-8', 'Анна', 'Ёлка «Ель»'])
    expect(await names(utf8(text))).toEqual(['utf-8', 'Анна', 'Ёлка «Ель»'])
  })

  it.each(['windows-1251', 'koi8-r', 'ibm866'])(
    'is %s when it is no UTF-8 and the header makes sense so',
    async (encoding) => {
      const plain = file(ROW, '2;02.03.2024;7;Елка')
      expect(await names(encodeBy(encoding, plain))).toEqual([encoding, 'Анна', 'Елка'])
    },
  )

  it.each(['windows-1251', 'koi8-r', 'ibm866'])(
    'is %s below a Latin header, by its small letters',
    async (encoding) => {
      const content = 'id;date;amount;name\n1;2024-03-02;5;Анна Петрова\n'
      expect(await names(encodeBy(encoding, content))).toEqual([encoding, 'Анна Петрова'])
    },
  )

  it('is Western where accents stand in Latin words', async () => {
    const content = 'Número;Fecha;Importe;Cliente\n1;02/03/2024;100,50;Peña\n'
    expect(await names(encodeBy('windows-1252', content), { dateOrder: 'dmy' })).toEqual(['windows-1252', 'Peña'])
  })

  it('is told by the first letter beyond ASCII, should that come late', async () => {
    const rows = Array.from({ length: 3000 }, (_, n) => `${n};2024-03-02;5;John`)
    const late = encode1251(['id;date;amount;name', ...rows, '9999;2024-03-02;5;Анна', ''].join('\n'))
    const { sales, encoding, rejected } = await readFile(late, {}, 20_000)
    expect([encoding, rejected, sales.at(-1)?.customer?.name]).toEqual(['windows-1251', [], 'Анна'])
  })

  it('is not told by half a letter', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => `${n};2024-03-02;5;John`)
    const start = ['id;date;amount;name', ...rows, '98;2024-03-02;5;'].join('\n').length
    const late = encode1251(
      ['id;date;amount;name', ...rows, '98;2024-03-02;5;Я', '99;2024-03-02;5;Анна', ''].join('\n'),
    )
    const { plan } = readFor({ bytes: late.subarray(0, 100), isWhole: false }, givenFor())
    const read = async (at: number, length: number) => late.subarray(at, at + length)
    const problems: unknown[] = []
    let encoding: string | null = null
    for await (const batch of readBatches({ bytes: late.length, read }, plan, { offset: 0, line: 1 }, start + 1)) {
      problems.push(...batch.lines.flatMap(({ problem }) => problem ?? []))
      ;({ encoding } = batch)
    }
    expect([encoding, problems]).toEqual(['windows-1251', []])
  })

  it('is what the file’s own mark says, whatever the settings do: our own export among others', async () => {
    const content = new TextEncoder().encode(`\ufeff${text}`)
    expect(await names(content, { encoding: 'windows-1251' })).toEqual(['utf-8', 'Анна', 'Ёлка «Ель»'])
  })

  it('can be told', async () => {
    expect(
      await names(encodeBy('windows-1252', 'id;date;amount;name\n1;2024-03-02;5;Café\n'), { encoding: 'latin1' }),
    ).toEqual(['windows-1252', 'Café'])
  })

  it('that a name cut in the middle of a letter breaks costs that row alone', async () => {
    const cut = new TextEncoder().encode('Анна').subarray(0, 7)
    const [before, after] = [HEADER + '\n' + ROW + '\n2;02.03.2024;7;', `\n${ROW.replace('1', '3')}\n`]
    const parts = [new TextEncoder().encode(before), cut, new TextEncoder().encode(after)]
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
    const { sales, rejected } = await readFile(bytes)
    expect(sales.map(({ externalId }) => externalId)).toEqual(['1', '3'])
    expect(rejected).toMatchObject([
      { line: 3, reason: 'not_utf8', raw: expect.stringContaining('2;02.03.2024;7;Анн') },
    ])
  })

  it('may change where two files were put together: the rows of the other are told', async () => {
    const glued = new Uint8Array(
      await new Blob([
        `\ufeff${file(...Array.from({ length: 200 }, (_, n) => `${n};02.03.2024;1;Я`))}`,
        encode1251(file('900;02.03.2024;5;Анна', '901;02.03.2024;5;Bob')),
      ]).arrayBuffer(),
    )
    const { sales, rejected } = await readFile(glued)
    expect(sales).toHaveLength(201)
    expect(rejected.map(({ reason }) => reason)).toEqual(['not_utf8', 'not_utf8'])
  })
})

describe('the structure', () => {
  it('may have a preamble, blank rows, rows of separators, totals and the header once more', async () => {
    const content = [
      '"ООО ""Ромашка""";;;',
      'Отчёт о продажах за март, сумма в рублях;;;',
      ';;;',
      '',
      HEADER,
      ROW,
      '',
      ';;;',
      'Итого;;100,50;',
      ';Всего:;100,50;',
      '\ufeff' + HEADER,
      '2;03.03.2024;7;Пётр',
      'ИТОГО: 2;;107,50;',
      '',
    ].join('\r\n')
    const { sales, rejected, skipped } = await readFile(content)
    expect(sales.map(({ externalId }) => externalId)).toEqual(['1', '2'])
    expect([rejected, skipped]).toEqual([[], 4])
  })

  it('counts as a sale what only mentions a total', async () => {
    const content = file('1;02.03.2024;5;Итого Анна', 'Итого-1;02.03.2024;7;')
    expect(await askedOf(content)).toMatchObject([{ code: 'looks_like_totals' }])
    const given = givenFor({}, answering('looks_like_totals:sale'))
    expect((await readFile(content, {}, undefined, given)).sales).toHaveLength(2)
    expect(await sums(file('17;;5;Всего хорошего'))).toEqual(['no_date'])
  })

  it('may be ragged: short rows are filled up, longer ones are told unless what is too much is empty', async () => {
    const { sales, rejected } = await readFile(
      file('1;02.03.2024;5', '2;02.03.2024;5;Анна;;', '3;02.03.2024;5;кафе; второй этаж', '4;02.03.2024'),
    )
    expect(sales.map(({ externalId }) => externalId)).toEqual(['1', '2'])
    expect(rejected).toEqual([
      { line: 4, column: null, reason: 'too_many_cells', raw: '3;02.03.2024;5;кафе; второй этаж' },
      { line: 5, column: 'Сумма', reason: 'no_amount', raw: '4;02.03.2024' },
    ])
  })

  it('may end its rows in a separator that the header has too: a shifted sum is told all the same', async () => {
    const content = (...rows: string[]) => ['id;Дата;Комментарий;Сумма;', ...rows, ''].join('\n')
    const { sales, rejected } = await readFile(content('1;02.03.2024;стол;100;', '2;02.03.2024;стол;5;100;'))
    expect(sales.map(({ amountMinor }) => amountMinor)).toEqual([10_000])
    expect(rejected).toMatchObject([{ line: 3, reason: 'too_many_cells' }])
    const usual = ['1;02.03.2024;стол;100', '3;02.03.2024;стол;100', '4;02.03.2024;стол;100']
    const bare = await readFile(content(...usual, '2;02.03.2024;стол;5;100'))
    expect(bare.rejected).toMatchObject([{ line: 5, reason: 'too_many_cells' }])
    // A column without a name is one that every row has.
    expect(await sums(content('1;02.03.2024;стол;100;x', '2;02.03.2024;стол;5;y'))).toEqual([10_000, 500])
  })

  it('may have stray and unclosed quotes', async () => {
    const { sales, rejected } = await readFile(
      file(
        '1;02.03.2024;5;ООО "Ромашка"',
        '2;02.03.2024;5;"ООО "Ромашка""',
        '3;02.03.2024;5;"Анна',
        '4;02.03.2024;5;"Пётр; кафе"',
        '5;02.03.2024;5;',
      ),
    )
    expect(sales.map(({ customer }) => customer?.name)).toEqual([
      'ООО "Ромашка"',
      '"ООО "Ромашка""',
      '"Анна',
      'Пётр; кафе',
      undefined,
    ])
    expect(rejected).toEqual([])
  })

  it('may have NUL bytes, marks in the middle, and what exporters wrap texts in', async () => {
    const { sales } = await readFile(
      file('="0012";02.03.2024;="5";\ufeffАн\0на', "'0013;02.03.2024;5;'=Пётр", '—;02.03.2024;5;-'),
    )
    expect(sales.map(({ externalId, customer }) => [externalId.slice(0, 4), customer?.name])).toEqual([
      ['0012', 'Анна'],
      ['0013', '=Пётр'],
      ['row:', undefined],
    ])
  })

  it('may call a column anything: `__proto__`, the same twice, nothing', async () => {
    const content = '__proto__;constructor;Дата;Сумма;Сумма;\nx;y;02.03.2024;5;7;z\n'
    expect(await sums(content)).toEqual([500])
    expect(await sums(content, { mapping: { amount: 'Сумма (2)', id: '__proto__' } })).toEqual([700])
    expect((await readFile(content, { mapping: { id: '#6' } })).sales[0]?.externalId).toBe('z')
  })

  it('may say its header over several lines, and hide spaces in it', async () => {
    const { sales } = await readFile('"№\nчека";"Дата\u00a0и время";"Сумма,\u00a0₽"\n7;02.03.2024 10:00;5\n')
    expect(sales).toMatchObject([{ externalId: '7@2024-03-02', amountMinor: 500 }])
  })

  it('may have its header where the settings say', async () => {
    const content = 'Дата;Сумма\n01.01.2020;1\nwhen;how much\n02.03.2024;5\n'
    const mapping = { date: 'when', amount: 'how much' }
    expect(await sums(content, { mapping })).toEqual([500])
    expect(await sums(content, { mapping, headerLine: 3 })).toEqual([500])
    expect(await sums(`sep=;\n${content}`, { mapping, headerLine: 4 })).toEqual([500])
  })

  it('may have a row that never ends: it is told, and the rest is read', async () => {
    const content = file(ROW, `2;02.03.2024;5;${'x'.repeat(50_000)}`, '3;02.03.2024;7;')
    const { sales, rejected } = await readFile(content, {}, 10_000)
    expect(sales.map(({ externalId }) => externalId)).toEqual(['1', '3'])
    expect(rejected).toMatchObject([{ line: 3, reason: 'row_too_long' }])
    expect(rejected[0]?.raw).toHaveLength(10_000)
  })

  it('counts lines as an editor does', async () => {
    const { rejected } = await readFile(
      'sep=;\r\n\r\n' + HEADER + '\r\n1;02.03.2024;5;"a\r\nb\r\nc"\r\n2;x;5;\r\n\r\n3;y;5;\r',
    )
    expect(rejected.map(({ line }) => line)).toEqual([7, 9])
  })
})

describe('a file is refused when it is', () => {
  const bytes = (...values: readonly number[]) => Uint8Array.from([...values, ...new Uint8Array(100)])

  it.each([
    ['archive', bytes(0x50, 0x4b, 0x03, 0x04)],
    ['xls', bytes(0xd0, 0xcf, 0x11, 0xe0)],
    ['pdf', '%PDF-1.7\n'],
    ['compressed', bytes(0x1f, 0x8b)],
    ['html', '\ufeff\r\n<!DOCTYPE html><table><tr><td>Дата</td></tr></table>'],
    ['html', '<?xml version="1.0"?><Workbook/>'],
    ['html', '<table><tr><td>Дата</td><td>Сумма</td></tr></table>'],
    ['empty', ''],
    ['empty', '\ufeff \r\n\r\n'],
    ['no_table', 'просто текст без таблицы\nещё строка\n'],
    ['no_rows', `${HEADER}\n`],
    ['no_rows', `${HEADER}\n;;;\n\n`],
    ['no_date_column', 'id;Сумма;Клиент\n1;5;Анна\n'],
    ['no_amount_column', 'id;Дата;Клиент\n1;02.03.2024;Анна\n'],
    ['no_header', '118;"Анна";7\n119;"Пётр";8\n'],
  ])('%s', async (reason, content) => {
    expect(await refusalOf(content)).toBe(reason)
  })

  it('not what the settings name', async () => {
    expect(await refusalOf(file(ROW), { mapping: { amount: 'Итог' } })).toBe('column_missing')
  })
})
