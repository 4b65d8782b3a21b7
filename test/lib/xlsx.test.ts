// Sheets of workbooks → CSV: as Excel would write it, or not at all.
import { describe, expect, it } from 'vitest'
import { openSheet, type SheetOptions } from '#lib/xlsx/index.ts'
import { csvOf, refusalOf, sourceOf, type WorkbookOf, workbookOf } from '#test/workbooks.ts'
import { type ZipPart, zipOf } from '#test/zip.ts'

async function linesOf(workbook: WorkbookOf, options?: Partial<SheetOptions>): Promise<string[]> {
  const text = await csvOf(await workbookOf(workbook), options)
  expect([text.startsWith('\ufeff'), text.endsWith('\n')]).toEqual([true, true])
  return text.slice(1, -1).split('\n')
}

/** What becomes of one cell, which is in A1 as it stands, and of the type and style that it names. */
async function cellOf(cell: string, workbook: Omit<WorkbookOf, 'sheets'> = {}): Promise<string> {
  const rows = `<row r="1">${cell}<c r="B1"><v>1</v></c></row>`
  const [line = ''] = await linesOf({ ...workbook, sheets: [{ rows }] })
  return line.slice(0, -2)
}

const rowOf = (value: string) => `<row r="1"><c r="A1"><v>${value}</v></c><c r="B1"><v>1</v></c></row>`

describe('a sheet', () => {
  it('is read as Excel writes it', async () => {
    const rows = `
      <row r="1" spans="1:4"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>
      <row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2" s="1"><v>45353.385243055558</v></c><c r="C2" s="2"><v>1234.5</v></c></row>`
    const strings = [
      '№ чека',
      'Дата',
      '<r><rPr><b/></rPr><t>Сумма</t></r><r><t xml:space="preserve">, руб</t></r><rPh sb="0" eb="1"><t>сум</t></rPh>',
      '000118',
    ]
    const formats = [0, 22, '#,##0.00']
    expect(await linesOf({ sheets: [{ rows }], strings, formats })).toEqual([
      '№ чека;Дата;Сумма, руб',
      '000118;2024-03-02 09:14:45;1234.5',
    ])
  })

  it('is read without references, with prefixes and with texts in its cells, as other programs write it', async () => {
    const content = `<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>
      <x:row><x:c t="inlineStr"><x:is><x:t>id</x:t></x:is></x:c><x:c t="str"><x:v>Сумма</x:v></x:c></x:row>
      <x:row><x:c t="inlineStr"><x:is><x:r><x:t>7</x:t></x:r></x:is></x:c><x:c><x:v> 10 </x:v></x:c></x:row>
    </x:sheetData></x:worksheet>`
    const parts = [{ path: 'xl/worksheets/sheet1.xml', content }]
    expect(await linesOf({ sheets: [{ rows: '' }], parts })).toEqual(['id;Сумма', '7;10'])
  })

  it('is found by what refers to it: other folders, other letters, a part at the root', async () => {
    const rel = (type: string, target: string, id: string) =>
      `<Relationship Id="${id}" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/${type}" Target="${target}"/>`
    const parts: ZipPart[] = [
      {
        path: '_rels/.rels',
        content: `<Relationships>${rel('officeDocument', '/XL/Workbook.xml', 'r')}</Relationships>`,
      },
      {
        path: 'xl\\workbook.xml',
        content: '<workbook xmlns:q="urn:r"><sheets><sheet name="a" q:id="w"/></sheets></workbook>',
      },
      {
        path: 'xl/_rels/workbook.xml.rels',
        content: `<Relationships>${rel('sharedStrings', 'sharedStrings.xml', 's')}${rel('worksheet', '../data/Лист.xml', 'w')}</Relationships>`,
      },
      { path: 'xl/SharedStrings.xml', content: '<sst><si><t>да</t></si></sst>' },
      {
        path: 'data/Лист.xml',
        content: '<worksheet><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>',
      },
    ]
    expect(await csvOf(await zipOf(parts))).toBe('\ufeffда\n')
  })

  it('keeps the numbers of its rows and the places of its cells', async () => {
    const rows =
      '<row r="3" hidden="1"><c r="B3"><v>1</v></c><c r="D3"><v>2</v></c></row><row r="5"><c r="A5"><v>3</v></c><c r="C5" s="1"/></row><row><c r="A7"><v>4</v></c></row><row><c r="A8"/></row>'
    expect(await linesOf({ sheets: [{ rows }] })).toEqual(['', '', ';1;;2', '', '3;;;', '', '4;;;'])
  })

  it('is quoted where it has to be, one line a row', async () => {
    const strings = ['a;b', 'say "x"', 'two\nlines\tand_x000D_\n more', '&lt;&#1041;&amp;&#x1F600;&gt;', ' ']
    const cells = strings.map((_, at) => `<c t="s"><v>${at}</v></c>`).join('')
    const [line] = await linesOf({ sheets: [{ rows: `<row>${cells}</row>` }], strings })
    expect(line).toBe('"a;b";"say ""x""";two lines and  more;<Б&😀>; ')
    const [tabs] = await linesOf({ sheets: [{ rows: `<row>${cells}</row>` }], strings }, { delimiter: ',' })
    expect(tabs).toBe('a;b,"say ""x""",two lines and  more,<Б&😀>, ')
  })

  it('is the first one that can be seen, or the one that is named', async () => {
    const sheets = [
      { name: 'Скрытый', state: 'veryHidden', rows: rowOf('1') },
      { name: 'Продажи &amp; возвраты', rows: rowOf('2') },
      { name: 'Итоги', rows: rowOf('3') },
      { name: 'Пустой', rows: '<row r="1"><c r="A1" s="1"/></row>' },
    ]
    const file = await workbookOf({ sheets })
    expect(await openSheet(sourceOf(file), { sheet: null, delimiter: ';' })).toMatchObject({
      ...{ name: 'Продажи & возвраты', others: ['Итоги', 'Пустой'] },
    })
    expect(await csvOf(file)).toBe('\ufeff2;1\n')
    expect(await csvOf(file, { sheet: ' итоги' })).toBe('\ufeff3;1\n')
    expect(await csvOf(file, { sheet: 'скрытый' })).toBe('\ufeff1;1\n')
    expect([await refusalOf(file, { sheet: 'Нет' }), await refusalOf(file, { sheet: 'Пустой' })]).toEqual([
      ...['sheet_missing', 'sheet_empty'],
    ])
  })
})

describe('a cell', () => {
  it('shows numbers in full and as exactly as Excel does', async () => {
    const shown = {
      ...{ '118': '118', '-0.5': '-0.5', '1234.50': '1234.50', '9.9604403000000008E+15': '9960440300000000' },
      ...{ '9960440300000001': '9960440300000001', '79000000000': '79000000000', '7.9E+10': '79000000000' },
      ...{ '0.30000000000000004': '0.3', '1234.4999999999998': '1234.5', '7.105427357601E-15': '0', '1E-2': '0.01' },
      ...{
        '1.234': '1.2340',
        '45353.385': '45353.3850',
        '1e400': '1e400',
        abc: 'abc',
        '1E22': '10000000000000000000000',
      },
    }
    const texts = await Promise.all(Object.keys(shown).map(async (value) => cellOf(`<c r="A1"><v>${value}</v></c>`)))
    expect(texts).toEqual(Object.values(shown))
  })

  it('shows numbers as its format does where that is a sum, a number with zeros or a currency', async () => {
    const shown = [
      ['#,##0.00', '1234.5678', '1234.57'],
      ['0.00', '-0.005', '-0.01'],
      ['0.00', '-0.004', '0.00'],
      ['0.00', '99.995', '100.00'],
      ['#,##0', '1234.5', '1234.5'],
      ['0.00%', '0.12345', '0.12345'],
      ['#,##0.00,', '1234567.891', '1234567.8910'],
      ['000000', '118', '000118'],
      ['[$₽-419]\\ #,##0.00', '350', '350 ₽'],
      ['_-* #,##0.00\\ "₽"_-;-* #,##0.00\\ "₽"_-;_-* "-"??\\ "₽"_-;_-@_-', '-1.5', '-1.5 ₽'],
      ['[$USD] #,##0.00', '1.234', '1.23 USD'],
      ['"$"#,##0.00', '5', '5 $'],
      ['0" шт."', '5', '5'],
      ['[$-419]#,##0', '5', '5'],
      ['[Red]General', '5', '5'],
    ] as const
    const texts = await Promise.all(
      shown.map(async ([format, value]) => cellOf(`<c r="A1" s="1"><v>${value}</v></c>`, { formats: [0, format] })),
    )
    expect(texts).toEqual(shown.map(([, , text]) => text))
  })

  it('shows days and times by its format', async () => {
    const shown = [
      [14, '45353', '2024-03-02'],
      [14, '45353.99', '2024-03-02'],
      [22, '45353', '2024-03-02 00:00:00'],
      [20, '45353.385243055558', '09:14:45'],
      [21, '0.999999', '00:00:00'],
      [46, '1.5', '36:00:00'],
      [22, '0.5', '12:00:00'],
      [14, '0', '0'],
      [14, '60', '60'],
      [14, '59', '1900-02-28'],
      [14, '61', '1900-03-01'],
      [14, '2958465', '9999-12-31'],
      [14, '2958466', '2958466'],
      [14, '-1', '-1'],
      ['dd.mm.yyyy', '45353', '2024-03-02'],
      ['dd/mm/yy\\ h:mm;@', '45353.5', '2024-03-02 12:00:00'],
      ['[$-FC19]d mmmm yyyy "г.";@', '45353.5', '2024-03-02'],
      ['[$-F400]h:mm:ss AM/PM', '0.75', '18:00:00'],
      ['mmm', '45353', '2024-03-02'],
      ['0 "дней"', '45353', '45353'],
      ['#,##0.00" d"', '5', '5'],
    ] as const
    const texts = await Promise.all(
      shown.map(async ([format, value]) => cellOf(`<c r="A1" s="1"><v>${value}</v></c>`, { formats: [0, format] })),
    )
    expect(texts).toEqual(shown.map(([, , text]) => text))
    const is1904 = { formats: [0, 14], is1904: true }
    expect(await cellOf('<c r="A1" s="1"><v>43891</v></c>', is1904)).toBe('2024-03-02')
    expect(await cellOf('<c r="A1" s="1"><v>0</v></c>', is1904)).toBe('1904-01-01')
  })

  it('shows its other types, and a formula that was never calculated', async () => {
    const cells = [
      ['<c r="A1" t="b"><v>1</v></c>', 'TRUE'],
      ['<c r="A1" t="b"><v>0</v></c>', 'FALSE'],
      ['<c r="A1" t="e"><v>#N/A</v></c>', '#N/A'],
      ['<c r="A1" t="d"><v>2024-03-02T09:14:00</v></c>', '2024-03-02T09:14:00'],
      ['<c r="A1" t="str"><f>A2&amp;"x"</f><v>00x</v></c>', '00x'],
      ['<c r="A1"><f>B2*C2</f><v>12.5</v></c>', '12.5'],
      ['<c r="A1"><f>B2*C2</f></c>', '=B2*C2'],
      ['<c r="A1"><f>B2*C2</f><v></v></c>', '=B2*C2'],
      ['<c r="A1" t="str"><f>""</f><v></v></c>', ''],
      ['<c r="A1" t="inlineStr"><is><t><![CDATA[a & b]]></t></is></c>', 'a & b'],
      ['<c r="A1" t="s"><v></v></c>', ''],
    ] as const
    expect(await Promise.all(cells.map(async ([cell]) => cellOf(cell)))).toEqual(cells.map(([, text]) => text))
  })
})
