// Finding 6: a body of 1.2 MB froze the isolate for 6 seconds. What a vendor or a file says costs what it is long.
import { describe, expect, it } from 'vitest'
import { createClient } from '#crm/1c/client.ts'
import type { Settings } from '#crm/1c/settings.ts'
import type { Session } from '#crm/contract.ts'
import { dateOrderOf, readDate, readTime } from '#crm/csv/dates.ts'
import { decimalMarkOf, readSum } from '#crm/csv/money.ts'
import { isTotals, meaningOf, normalizeHeader } from '#crm/csv/words.ts'
import { CrmError } from '#lib/crm-error.ts'
import { maskPersonal } from '#lib/mask.ts'
import { MoneyError, toMinor } from '#lib/money.ts'
import { normalizePhone } from '#lib/phone.ts'
import { Secret } from '#lib/secret.ts'
import { expectLinear } from '#test/cost.ts'
import { readFile } from '#test/csv.ts'

/** How 1C's connector takes an error page. */
async function refusalOf(text: string): Promise<CrmError> {
  const request = async () => ({ status: 500, headers: new Headers(), text, json: () => null })
  const session = {
    ...{ apiKey: new Secret('user'), apiSecret: new Secret('password'), apiUrl: 'https://1c.example.com/base' },
    ...{ settings: { allowedOnly: false }, http: { request } },
  } as unknown as Session<Settings>
  try {
    await createClient(session).sets()
  } catch (error) {
    if (error instanceof CrmError) return error
    throw error
  }
  throw new Error('it was not refused')
}

describe('an error page of 1C', () => {
  it.each([['<code '], ['<code>  '], ['<a:'], ['<code ><code>1']])(
    'of 600 KB of %j costs what it is long',
    async (part) => {
      await expectLinear(refusalOf, (size) => part.repeat(size / part.length), 600_000)
    },
  )

  it('still says its code', async () => {
    const page = '<?xml version="1.0"?><m:error><m:code>8</m:code><m:message>…</m:message></m:error>'
    expect(await refusalOf(page)).toMatchObject({ kind: 'not_found', reason: 'unpublished' })
  })
})

describe('sums and phones', () => {
  it('of millions of digits are no sums', async () => {
    const isRefused = (text: string) => expect(() => toMinor(text, 'RUB')).toThrow(MoneyError)
    isRefused(`0.${'1'.repeat(200)}`)
    await expectLinear(isRefused, (size) => '9'.repeat(size), 2_000_000)
  })

  it('of 100,000 parts are looked at in a few', async () => {
    const parts = ['1234567,', '9001112233 ', '7 9 9 ', '1/', '900/', '12345-', '+7', '(', '* ', ' ']
    for (const part of parts) await expectLinear(normalizePhone, (size) => part.repeat(size / part.length), 800_000)
    expect(normalizePhone(`${'12345,'.repeat(40)}+79001234567`)).toBeNull()
    expect(normalizePhone('доб. 12, +7 900 123-45-67')).toBe('+79001234567')
  })
})

describe('a record that could not be mapped', () => {
  it('is kept in a bounded form, however many texts it has', () => {
    const text = 'aaaa '.repeat(200)
    const wide = (depth: number): unknown => (depth === 0 ? text : Array.from({ length: 50 }, () => wide(depth - 1)))
    expect(JSON.stringify(maskPersonal(wide(3))).length).toBeLessThan(600_000)
    const key = 'k'.repeat(1_000_000)
    expect(JSON.stringify(maskPersonal({ [key]: 1 })).length).toBeLessThan(200)
  })

  it.each(['a', '1(', '@', 'a@', '.', 'a.@'])('of texts of %j costs what they are long', async (part) => {
    const recordOf = (size: number) => [part.repeat(size / part.length)]
    await expectLinear(maskPersonal, recordOf, 120_000)
    expect(JSON.stringify(maskPersonal(recordOf(900_000))).length).toBeLessThan(300)
  })
})

describe('a cell of a file', () => {
  const parts = [
    '(',
    '[',
    ' ',
    ',',
    '.',
    '1',
    '1 ',
    '-',
    '1.',
    'a@',
    ', руб',
    '1 янв ',
    '1:00 ',
    'возврат',
    'карт',
    'e+',
  ]

  it.each(parts)('of 60,000 characters of %j costs what it is long', async (part) => {
    const read = (cell: string) => [
      ...[normalizeHeader(cell), readDate(cell, 'dmy'), readTime(cell), readSum(cell, ',')],
      ...[decimalMarkOf([cell]), dateOrderOf([cell]), isTotals(cell)],
      ...[meaningOf(cell, { field: 'kind', header: cell }), meaningOf(cell, { field: 'status', header: '' })],
    ]
    await expectLinear(read, (size) => `${part.repeat(size / part.length)}!`, 60_000)
  })

  it('that looks like an e-mail address or a phone costs what it is long', async () => {
    const header = 'id;дата;сумма;email;телефон\n'
    const fileOf = (size: number) =>
      `${header}1;01.02.2026;100;a@${'.'.repeat(size)}@;${', '.repeat(size / 2)}1\n2;02.02.2026;100;a@b.example;\n`
    await expectLinear(readFile, fileOf, 60_000)
    const { sales } = await readFile(fileOf(60_000))
    expect(sales.map(({ customer }) => customer?.email ?? null)).toEqual([null, 'a@b.example'])
  })
})
