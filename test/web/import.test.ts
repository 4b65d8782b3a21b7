import { describe, expect, it } from 'vitest'
import { csvLine, guardCell, REJECTED_HEADER } from '#lib/csv-cell.ts'
import { answer, answersOf, formatOf, mergeDoubts, nameFor } from '#web/screens/import/doubts.ts'
import { forget, type Interrupted, isSameFile, recall, remember, shareSent } from '#web/screens/import/interrupted.ts'
import { readBeginning } from '#web/screens/import/read-beginning.ts'
import { readRejectedRows } from '#web/screens/import/rejected-rows.ts'

const doubt = (code: string, ...names: readonly string[]) => ({
  ...{ code, message: `Which ${code}?`, columns: [] },
  choices: names.map((name) => ({ id: `${code}:${name}`, label: name, count: 1, totalMinor: 100 })),
})

describe('the questions about a file', () => {
  const order = doubt('date_order', 'dmy', 'mdy')
  const amount = doubt('amount_rivals', 'Итого', 'Выручка')

  it('stay with their answers, and those that follow come behind them', () => {
    const asked = answer(mergeDoubts([], [order]), 0, 'date_order:mdy')
    const further = mergeDoubts(asked, [amount])
    expect(further.map(({ choiceId }) => choiceId)).toEqual(['date_order:mdy', null])
    expect(answersOf(further)).toEqual(['date_order:mdy'])
  })

  it('are open again when the answer was none, and gone when nothing raises them any more', () => {
    const asked = answer(mergeDoubts([], [order, amount]), 0, 'date_order:ymd')
    expect(mergeDoubts(asked, [order])).toEqual([{ doubt: order, choiceId: null }])
  })
})

describe('a format', () => {
  const columns = [
    { header: 'Дата', field: 'date' },
    { header: 'Сумма', field: 'amount' },
    { header: 'Итого', field: null },
    { header: 'Вид', field: 'kind' },
  ]
  const header = columns.map((column) => column.header)
  const base = {
    ...{ name: 'касса', createdAt: '', updatedAt: '', header, answers: ['date_order:dmy'] },
    ...{ timezone: 'Asia/Omsk', mapping: { phone: 'Тел' } },
  }

  it('is the saved one with the new answers', () => {
    const settled = { header, answers: ['amount_rivals:Итого', 'date_order:dmy'], fields: new Map(), base }
    expect(formatOf(settled, columns)).toEqual({
      ...{ header, answers: ['date_order:dmy', 'amount_rivals:Итого'] },
      ...{ timezone: 'Asia/Omsk', mapping: { phone: 'Тел' } },
    })
    expect(formatOf({ ...settled, base: null }, columns)).toEqual({ header, answers: settled.answers })
  })

  it('names the columns that were given another meaning, and switches off what lost its column', () => {
    const fields = new Map([
      ['Сумма', null],
      ['Итого', 'amount'],
      ['Вид', 'comment'],
    ] as const)
    expect(formatOf({ header, answers: [], fields, base: null }, columns).mapping).toEqual({
      ...{ amount: 'Итого', comment: 'Вид', kind: null },
    })
  })

  it('is named after the file, and never as another one', () => {
    expect(nameFor('Касса на Лесной.xlsx', [])).toBe('Касса на Лесной')
    expect(nameFor('till.csv', ['till', 'till 2'])).toBe('till 3')
    expect(nameFor('.csv', [])).toBe('CSV')
    expect(nameFor(`${'x'.repeat(300)}.csv`, ['x'.repeat(96)])).toHaveLength(98)
  })
})

describe('an upload that was broken off', () => {
  const kept = new Map<string, string>()
  const memory = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
  const file = new File(['x'.repeat(100)], 'sales.csv', { lastModified: 5 })
  const upload: Interrupted = {
    ...{ uploadId: 'u', partBytes: 40, parts: [{ part: 1, etag: 'a' }], begunAt: 1000 },
    ...{ name: 'sales.csv', bytes: 100, changedAt: 5 },
  }

  it('is remembered for a day, for the same file alone', () => {
    remember(memory, 'one', upload)
    expect(recall(memory, 'one', 2000)).toEqual(upload)
    expect(recall(memory, 'other', 2000)).toBeNull()
    expect(recall(memory, 'one', 1000 + 24 * 60 * 60_000)).toBeNull()
    expect([isSameFile(upload, file), shareSent(upload)]).toEqual([true, 0.4])
    expect(isSameFile(upload, new File(['x'.repeat(100)], 'sales.csv', { lastModified: 6 }))).toBe(false)
    forget(memory, 'one')
    expect(recall(memory, 'one', 2000)).toBeNull()
  })

  it('is not remembered where a browser keeps nothing', () => {
    const closed = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    }
    const none = { getItem: closed, setItem: closed, removeItem: closed }
    remember(none, 'one', upload)
    forget(none, 'one')
    expect(recall(none, 'one', 2000)).toBeNull()
    kept.set('crm-import:one', '{')
    expect(recall(memory, 'one', 2000)).toBeNull()
  })
})

it.for([',', ';'] as const)(
  'reads the rejected rows of a file with %s, quotes, breaks and guarded cells',
  (delimiter) => {
    const rows = [
      ['2', 'Сумма', 'Сумма не число, "abc"', '1;2;"abc",'],
      ['3', '', 'Слишком много\nячеек', '=1+1,5'],
    ]
    const lines = [[...REJECTED_HEADER], ...rows.map((cells) => cells.map(guardCell))]
    const csv = `\ufeff${lines.map((cells) => csvLine(cells, delimiter)).join('')}`
    expect(readRejectedRows(csv, delimiter, 10)).toEqual([
      { line: 2, column: 'Сумма', reason: 'Сумма не число, "abc"', raw: '1;2;"abc",' },
      { line: 3, column: '', reason: 'Слишком много\nячеек', raw: '=1+1,5' },
    ])
    expect(readRejectedRows(csv, delimiter, 1)).toHaveLength(1)
  },
)

it('reads the beginning of a long answer, and no line by half', async () => {
  expect(await readBeginning(new Response('\ufeffa\nb\n'), 100)).toBe('\ufeffa\nb\n')
  expect(await readBeginning(new Response(`${'x'.repeat(30)}\n${'y'.repeat(30)}`), 40)).toBe(`${'x'.repeat(30)}\n`)
})
