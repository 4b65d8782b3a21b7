// Whatever bytes somebody sends: sales, rejected rows or a clear refusal, wherever the file is cut into ranges.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MESSAGES } from '#crm/csv/messages.ts'
import { CrmError } from '#lib/crm-error.ts'
import { bytesOf, encodeBy, readFile } from '#test/csv.ts'

fc.configureGlobal({ seed: 17 })

async function outcome(content: string | Uint8Array, rangeBytes?: number) {
  try {
    const { sales, rejected, skipped } = await readFile(content, {}, rangeBytes)
    return { sales, rejected, skipped }
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    expect(Object.values(error.params).join('')).not.toMatch(/\p{Cc}/u)
    return error.reason
  }
}

function expectOutcome(found: Awaited<ReturnType<typeof outcome>>): void {
  if (found === null || typeof found === 'string') {
    expect(Object.keys(MESSAGES)).toContain(found)
    return
  }
  for (const { externalId, amountMinor, occurredAt, currency } of found.sales) {
    expect(externalId.length > 0 && externalId.length <= 200).toBe(true)
    expect(Number.isSafeInteger(amountMinor) && /^[A-Z]{3}$/.test(currency)).toBe(true)
    expect(occurredAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
  }
  for (const { line, reason } of found.rejected) {
    expect(line).toBeGreaterThan(1)
    expect(Object.keys(MESSAGES)).toContain(reason)
  }
}

const CELLS = [
  ...[
    '',
    '5',
    '1 234,50',
    '-7.5',
    '02.03.2024',
    '2024-03-02T10:00:00Z',
    '31.02.2024',
    'Анна',
    '"a;b"',
    '"x\ny"',
    '"a ""b"" c"',
    '"',
    'ООО "Я"',
  ],
  ...[
    'Итого',
    'возврат',
    '=1+1',
    "'0012",
    '7,9E+10',
    '\0',
    '\ufeff',
    '\u00a0',
    '🙂',
    '+79000000000',
    '45353,5',
    '\t',
    '=',
  ],
]
const cell = fc.constantFrom(...CELLS)
const row = fc.array(cell, { minLength: 1, maxLength: 6 }).map((cells) => cells.join(';'))
const file = fc
  .tuple(
    fc.constantFrom('id;Дата;Сумма;Клиент', 'Дата;Сумма', '№ чека;Дата;Время;Сумма;Телефон;Статус'),
    fc.array(row, { maxLength: 150 }),
    fc.constantFrom('\n', '\r\n', '\r'),
  )
  .map(([header, rows, end]) => [header, ...rows, ''].join(end))

const FILES = Object.values(
  import.meta.glob<string>('/test/fixtures/csv/*', { query: '?raw', import: 'default', eager: true }),
)
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte)
const only = (text: string, known: ReadonlySet<string>) =>
  Array.from(text, (one) => (known.has(one) ? one : '?')).join('')

const damage = fc.record({
  at: fc.nat(),
  length: fc.nat(40),
  how: fc.constantFrom('delete', 'double', 'insert', 'cut'),
  text: fc.constantFrom('"', ';', ',', '\n', '\r\n', "'", '\ufeff', '\0', '""', '\t', 'Итого', '\n\n', '1', '-'),
})
/** A file with some damage, perhaps glued to another. */
const damaged = fc
  .tuple(fc.constantFrom(...FILES), fc.option(fc.constantFrom(...FILES)), fc.array(damage, { maxLength: 4 }))
  .map(([file, other, changes]) =>
    changes.reduce(
      (text, { at, length, how, text: inserted }) => {
        const start = at % (text.length + 1)
        const part = text.slice(start, start + length)
        if (how === 'cut') return text.slice(0, start)
        const between = how === 'delete' ? '' : how === 'double' ? part + part : inserted + part
        return text.slice(0, start) + between + text.slice(start + length)
      },
      file + (other ?? ''),
    ),
  )

describe('any file', () => {
  it('of any bytes ends in sales, rejected rows or a refusal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => expectOutcome(await outcome(bytes, 64))),
      { numRuns: 200 },
    )
  })

  it('that looks like a table does, too', async () => {
    await fc.assert(
      fc.asyncProperty(file, async (content) => expectOutcome(await outcome(content))),
      { numRuns: 200 },
    )
  })

  it('with bytes broken in it does, too', async () => {
    const broken = fc.tuple(
      file,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
    )
    await fc.assert(
      fc.asyncProperty(broken, async ([content, changes]) => {
        const bytes = new TextEncoder().encode(content)
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        expectOutcome(await outcome(bytes, 512))
      }),
      { numRuns: 200 },
    )
  })

  it.each(['utf-8', 'utf-16le', 'utf-16be', 'windows-1251'])(
    'in %s is the same wherever it is cut into ranges',
    async (encoding) => {
      await fc.assert(
        fc.asyncProperty(file, fc.integer({ min: 2500, max: 4000 }), async (content, rangeBytes) => {
          const known = encoding === 'windows-1251' ? content.replaceAll(/[\ufeff🙂]/gu, '') : content
          const bytes =
            encoding === 'utf-8'
              ? new TextEncoder().encode(known)
              : encodeBy(encoding, encoding === 'windows-1251' ? known : `\ufeff${known}`)
          expect(await outcome(bytes, rangeBytes)).toEqual(await outcome(bytes))
        }),
        { numRuns: 40 },
      )
    },
  )

  it('built to take long does not', async () => {
    const parts = [
      '"',
      '"a;',
      '"";',
      '"\n',
      '";"\n',
      'a"',
      ';',
      '\n',
      '\0',
      '0',
      '"";"',
      '\r',
      'Итого;',
      '5;',
      "'",
      '(',
      'a";"\n',
      'a";"\n1;02.03.2024;5\n',
      '"\n;"\n',
      "';'",
      'Сумма;Дата\n',
      'Иван;Пётр;Анна\n',
      '"id,Дата,Сумма"\n',
    ]
    for (const part of parts) {
      const content = `id;Дата;Сумма\n1;02.03.2024;5\n${part.repeat(Math.ceil(40_000 / part.length))}`
      expectOutcome(await outcome(content))
    }
  })

  it('that was once read wrongly, damaged, cut, glued to another or in another encoding does, too', async () => {
    await fc.assert(
      fc.asyncProperty(
        damaged,
        fc.constantFrom('utf-8', 'utf-16le', 'windows-1251', 'ibm866'),
        async (text, encoding) => {
          const known = new Set(
            new TextDecoder(encoding.startsWith('utf') ? 'windows-1251' : encoding).decode(ALL_BYTES),
          )
          const bytes = encoding === 'utf-8' ? bytesOf(text) : encodeBy(encoding, only(text, known))
          expectOutcome(await outcome(bytes))
        },
      ),
      { numRuns: 200 },
    )
  })
})
