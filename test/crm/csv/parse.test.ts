import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRecords } from '#crm/csv/parse.ts'

const LAYOUT = { delimiter: ';', quote: '"', isPadded: false, isWrapped: false, width: null }

const cells = (text: string, layout: Partial<typeof LAYOUT> = {}) =>
  parseRecords(text, { ...LAYOUT, ...layout }, true).records.map((record) => record.cells)

const lines = (text: string) => parseRecords(text, LAYOUT, true).records.map(({ line }) => line)

describe('row ends', () => {
  it.each(['\n', '\r\n', '\r'])('%j end rows', (end) => {
    expect(cells(`a;b${end}c;d${end}`)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it('may be mixed in one file: the header by Excel, the rows by a script', () => {
    expect(cells('a;b\r\n1;2\n3;4\r5;6')).toEqual([
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ])
  })

  it('may be others inside quotes', () => {
    expect(cells('a;"x\r\ny\nz\rw"\n1;2\n')).toEqual([
      ['a', 'x\r\ny\nz\rw'],
      ['1', '2'],
    ])
  })

  it('are not needed at the end of the file, and one there makes no further row', () => {
    expect(cells('a;b')).toEqual([['a', 'b']])
    expect(cells('a;b\n')).toEqual([['a', 'b']])
    expect(cells('')).toEqual([])
  })

  it('count physical lines, those inside quotes too', () => {
    expect(lines('a\r\n"x\ny\r\nz"\rb\n\nc')).toEqual([0, 1, 4, 5, 6])
  })
})

describe('quotes', () => {
  it.each([
    ['"a;b";c', ['a;b', 'c']],
    ['"a ""b"" c";d', ['a "b" c', 'd']],
    ['"";x', ['', 'x']],
    ['"""";x', ['"', 'x']],
    ['"a" ;x', ['a', 'x']],
  ])('%s is read as RFC 4180 says', (text, expected) => {
    expect(cells(text)).toEqual([expected])
  })

  it.each([
    ['ООО "Ромашка";1', ['ООО "Ромашка"', '1']],
    ['"ООО "Ромашка"";1', ['"ООО "Ромашка""', '1']],
    ['"x" y;1', ['"x" y', '1']],
    ['5" труба;1', ['5" труба', '1']],
    ['"a""b"c;1', ['"a""b"c', '1']],
  ])('that stray damage their own record alone: %s', (text, expected) => {
    expect(cells(`1;2\n${text}\n3;"4"\n`)).toEqual([['1', '2'], expected, ['3', '4']])
  })

  it.each([
    [
      'at the end of the file',
      '1;2\n3;"4\n',
      [
        ['1', '2'],
        ['3', '"4'],
      ],
    ],
    [
      'before a quoted cell',
      '1;"2\n3;"4"\n5;6\n',
      [
        ['1', '"2'],
        ['3', '4'],
        ['5', '6'],
      ],
    ],
    [
      'before a line of quoted cells',
      '1;"2\n"3";"4"\n',
      [
        ['1', '"2'],
        ['3', '4'],
      ],
    ],
  ])('that are never closed, %s, damage their own record alone', (_, text, expected) => {
    expect(cells(text)).toEqual(expected)
  })

  it('that are never closed are told by the width of the rows where the next quote looks like a closing one', () => {
    const text = 'a;b;c\n1;"2;3\n4;";";6\n7;8;9\n'
    expect(cells(text, { width: 3 as unknown as null })).toEqual([
      ['a', 'b', 'c'],
      ['1', '"2', '3'],
      ['4', ';', '6'],
      ['7', '8', '9'],
    ])
  })

  it('may stand behind spaces where the file does so', () => {
    expect(cells('1; "2;3" ;4', { isPadded: true })).toEqual([['1', '2;3', '4']])
    expect(cells('1; "2";4')).toEqual([['1', ' "2"', '4']])
  })

  it('reach over fifty lines at most, and 64 thousand characters', () => {
    const [fifty, more] = [50, 51].map((count) => `"${'x\n'.repeat(count)}";1\n`)
    expect(cells(fifty ?? '')).toHaveLength(1)
    expect(cells(more ?? '')).toHaveLength(52)
    expect(cells(`"${'x'.repeat(65_000)}";1\n2;3\n`)).toHaveLength(2)
    expect(cells(`"${'x'.repeat(66_000)};";1\n2;3\n`)[0]).toHaveLength(3)
  })

  // Lines like `a";"` look unclosed from every one of them to the end of the text.
  it.each(['"', '"a;', '"";', '"\n', 'a"', '";";', 'a";"\n', 'a";"\n1;2;3\n', '"\n;"\n', '""\n', '"""', '\r"', '";\r'])(
    'take work that grows with the text alone: %j',
    (pattern) => {
      for (const width of [null, 3]) {
        const of = { ...LAYOUT, width } as typeof LAYOUT
        const work = [20_000, 80_000].map((length) => {
          const text = pattern.repeat(length / pattern.length)
          const { consumed, steps } = parseRecords(text, of, true)
          expect(consumed).toBe(text.length)
          return steps / length
        })
        expect(Math.max(...work)).toBeLessThan(20)
      }
    },
  )
})

/** Texts of all that matters to the parser. */
const text = fc
  .array(fc.constantFrom('"', '""', ';', '\n', '\r', '\r\n', 'a', ' ', '1,5', 'я', '"x";', '\n"', '";'), {
    maxLength: 60,
  })
  .map((parts) => parts.join(''))
const layout = fc.record({
  delimiter: fc.constantFrom(';', ',', ' '),
  quote: fc.constantFrom('"', '"', "'"),
  isWrapped: fc.boolean(),
  isPadded: fc.boolean(),
  width: fc.constantFrom(null, 1, 2, 3),
})

function inPieces(whole: string, of: typeof LAYOUT, sizes: readonly number[]) {
  const found: { readonly cells: readonly string[]; readonly line: number }[] = []
  let [rest, at, line] = ['', 0, 0]
  for (let index = 0; ; index += 1) {
    const size = sizes[index % sizes.length] ?? 1
    rest += whole.slice(at, at + size)
    at += size
    const isLast = at >= whole.length
    const { records, consumed, lines: count } = parseRecords(rest, of, isLast)
    found.push(...records.map((record) => ({ cells: record.cells, line: record.line + line })))
    rest = rest.slice(consumed)
    line += count
    if (isLast) return found
  }
}

describe('lines in quotes', () => {
  const unwrapped = (text: string) => cells(text, { isWrapped: true })

  it('hold a line of cells', () => {
    expect(unwrapped('"1;2"\n"3;""4;5"""\n6;7\n')).toEqual([
      ['1', '2'],
      ['3', '4;5'],
      ['6', '7'],
    ])
    expect(unwrapped('"1;2";;,\n')).toEqual([['1', '2']])
  })

  it('that hold none are cells', () => {
    expect(unwrapped('"1";"2"\n"3"\n"4\n5;6"\n')).toEqual([['1', '2'], ['3'], ['4\n5;6']])
  })
})

describe('any text', () => {
  it('is read to its end, and every character of it is in exactly one record', () => {
    fc.assert(
      fc.property(text, layout, (whole, of) => {
        const { records, consumed } = parseRecords(whole, of, true)
        expect(consumed).toBe(whole.length)
        expect(records.map(({ start, end }) => whole.slice(start, end)).join('')).toBe(whole)
      }),
      { numRuns: 2000 },
    )
  })

  it('gives the same records however it is cut into pieces', () => {
    fc.assert(
      fc.property(
        text,
        layout,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (whole, of, sizes) => {
          const expected = parseRecords(whole, of, true).records
          const found = inPieces(whole, of as typeof LAYOUT, sizes)
          expect(found).toEqual(expected.map((record) => ({ cells: record.cells, line: record.line })))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('of well-formed cells comes back as it was written', () => {
    const cell = fc
      .array(fc.constantFrom('"', ';', '\n', '\r\n', 'а', ' ', '1'), { maxLength: 5 })
      .map((parts) => parts.join(''))
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(table, (rows) => {
        const written = rows.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(';')).join('\r\n')
        expect(cells(written)).toEqual(rows)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps all other records when a quote is lost from one or added to one', () => {
    const cell = fc.constantFrom('12', 'ООО', '"x"', '"a;b"', '";b"', '"a ""b"""', '"m\nn"', '', '1,5')
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 3, maxLength: 8 })
    fc.assert(
      fc.property(table, fc.nat(), fc.nat(), fc.boolean(), (rows, which, where, isAdded) => {
        const written = rows.map((row) => row.join(';'))
        const at = which % rows.length
        const row = written[at] ?? ''
        const quotes = [...row.matchAll(/"/g)].map(({ index }) => index)
        const lost = quotes[where % Math.max(quotes.length, 1)]
        const spot = where % (row.length + 1)
        written[at] =
          isAdded || lost === undefined
            ? `${row.slice(0, spot)}"${row.slice(spot)}`
            : row.slice(0, lost) + row.slice(lost + 1)
        const before = cells(`${rows.map((one) => one.join(';')).join('\n')}\n`)
        const found = cells(`${written.join('\n')}\n`, { width: 3 as unknown as null })
        const others = before.filter((_, index) => index !== at)
        expect(
          found.filter((one) => others.some((other) => String(other) === String(one))).length,
        ).toBeGreaterThanOrEqual(others.length)
      }),
      { numRuns: 3000 },
    )
  })
})
