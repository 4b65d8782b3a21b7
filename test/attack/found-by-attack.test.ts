// What a stranger found who had not seen the fixes, each with a number of its own.
// 1. A file without a header names its first customer in the error that everybody sees.
// 2. A preview of many rows keeps all other requests of the isolate waiting for seconds.
// 3. One forged hook of 150 KB of `{}` costs Renovatio's receipt half a second.
// 4. A formula behind a mark within a cell runs where a spreadsheet cuts lines at that mark.
// 5. Settings that name any field of a 1C document have the connection test show its values.
// 6. Deleting an integration and creating it anew forgets how often it was tested within the minute.
// 7. Names that lead to this machine or to a carrier's private network passed the egress rules.
// 8. A token of iiko whose `exp` is no time broke off the run with an error of ours.
import { describe, expect, it } from 'vitest'
import { cleanCell } from '#crm/csv/cells.ts'
import { preview as previewOf } from '#crm/csv/preview.ts'
import { Settings } from '#crm/csv/settings.ts'
import { webhook } from '#crm/renovatio/webhook.ts'
import type { Session } from '#crm/contract.ts'
import type { Settings as CafeSettings } from '#crm/iiko/settings.ts'
import { fetchToken } from '#crm/iiko/token.ts'
import { EVENTS_MAX } from '#crm/webhook.ts'
import { csvLine, guardCell } from '#lib/csv-cell.ts'
import { refuseAddress } from '#lib/egress-policy.ts'
import { Secret } from '#lib/secret.ts'
import { bytesOf, givenFor, readFile } from '#test/csv.ts'
import { createFileTenant, send } from '#test/files.ts'
import { createShopTenant, daysAgo, linesOf } from '#test/shop.ts'

describe('1: a file without a header', () => {
  const ROWS = '01.03.2024;500;Анна Петрова;+79990001122\n02.03.2024;700;Мария Иванова;+79990003344\n'

  it('is refused without a word about its customers', async () => {
    const { status, json } = await send(await createFileTenant(), ROWS)
    expect([status, json.code]).toEqual([422, 'unreadable_file'])
    expect(json.reason).toBe('no_header')
    expect(json.detail).not.toMatch(/Анна|9990001122/)
  })

  it('names the columns of rejected rows by their places', async () => {
    const settings = { mapping: { date: '#1', amount: '#2' } }
    const { rejected } = await readFile('01.03.2024;500\n02.03.2024;x\n', settings)
    expect(rejected).toMatchObject([{ column: '#2' }])
  })

  it('is shown by the places of its columns by a preview, and so by the connection test', async () => {
    const settings = Settings.parse({ mapping: { date: '#1', amount: '#2', name: '#3', phone: '#4' } })
    const { columns, mapping } = await previewOf(
      { bytes: Uint8Array.from(bytesOf(ROWS)), isWhole: true },
      givenFor(settings),
    )
    expect(columns.map(({ header }) => header)).toEqual(['#1', '#2', '#3', '#4'])
    expect(mapping).toEqual({ date: '#1', amount: '#2', name: '#3', phone: '#4' })
  })

  it('is told from one whose header is unknown, which is shown', async () => {
    const { json } = await send(await createFileTenant(), 'a;b\n02.03.2024;5\n')
    expect(json.detail).toContain('a, b')
  })
})

it('2: a preview lets other work go in between', async () => {
  const rows = Array.from({ length: 20_000 }, (_, n) => `${n};02.03.2024;${n}`).join('\n')
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)
  try {
    await previewOf({ bytes: Uint8Array.from(bytesOf(`id;Дата;Сумма\n${rows}`)), isWhole: true }, givenFor())
  } finally {
    clearInterval(timer)
  }
  expect(turns).toBeGreaterThan(10)
})

describe('3: what is kept of a hook of Renovatio', () => {
  const hooks = (one: unknown, count: number) => ({
    ...{ contentType: null, bytes: Uint8Array.from(bytesOf(JSON.stringify(Array.from({ length: count }, () => one)))) },
  })

  it('is no more than what is looked at', () => {
    const kept = webhook.keep?.(hooks({}, 50_000))
    expect(kept?.bytes.length).toBeLessThan(1000)
  })

  it('still says that there was more', () => {
    const unfollowed = hooks({ event: 'create_client', data: [] }, 5000)
    const [before, after] = [unfollowed, webhook.keep?.(unfollowed) ?? unfollowed].map((body) => webhook.parse(body))
    expect(before).toMatchObject({ type: 'events', events: [{ hint: null }] })
    expect(after).toEqual(before)
    expect(EVENTS_MAX).toBeLessThan(5000)
  })
})

describe('4: a cell of a spreadsheet', () => {
  it.each([
    ["Анна;=cmd|' /C calc'!A0;x", ';'],
    ["Анна,=cmd|' /C calc'!A0,x", ','],
    ['Анна\t@SUM(1)', '\t'],
    ['Анна|-1+1', '|'],
    ['Анна\r\n=1+1', '\n'],
    ['10;+79990001122', ';'],
  ])('does not run behind a mark at which another spreadsheet cuts: %j', (text, mark) => {
    const line = csvLine([guardCell(text), 'x'], mark === ',' ? ';' : ',')
    for (const cell of line.trimEnd().split(mark)) expect(cell).not.toMatch(/^\s*[=+\-@]/)
    expect(cleanCell(guardCell(text))).toBe(text)
  })

  it('keeps the sums in the text of a rejected row', () => {
    expect(guardCell('1;-350,50;02.03.2024')).toBe('1;-350,50;02.03.2024')
  })
})

describe('5: a connection test of 1C', () => {
  it.each([
    ['Анна Петрова', 'hidden'],
    ['+79990001122', 'hidden'],
    ['anna@example.com', 'hidden'],
    ['Списание', 'shown'],
  ])('shows of a field that the settings name no more than an operation: %s', async (operation, expected) => {
    const shop = await createShopTenant()
    shop.sandbox.shop.add({ at: daysAgo(shop, 1), lines: linesOf(shop), operation })
    const documents = [
      { entitySet: 'Document_ЧекККМ', kind: { field: 'ВидОперации', sale: ['Продажа'], refund: ['Возврат'] } },
    ]
    await shop.call('PATCH', shop.path, { additionalConfig: { documents } })
    const { text } = await shop.call('POST', `${shop.path}/test`)
    expect(text).toContain('neither a sale nor a refund')
    expect(text.includes(operation) ? 'shown' : 'hidden').toBe(expected)
  })
})

it('6: tests are counted on when the integration is created anew', async () => {
  const tenant = await createFileTenant()
  const testOf = async (path: string) => (await tenant.call('POST', `${path}/test`)).status
  for (let count = 0; count < 10; count += 1) expect(await testOf(tenant.path)).toBe(200)
  expect(await testOf(tenant.path)).toBe(429)
  await tenant.call('DELETE', tenant.path)
  const { json } = await tenant.call('POST', '/v1/integrations', { crmType: 'csv', credentials: {} })
  expect(await testOf(`/v1/integrations/${json.id}`)).toBe(429)
})

it.each([
  'localdev.me',
  'a.lcl.host',
  'b.local.gd',
  'spoofed.burpcollaborator.net',
  'metadata.goog',
  '100.64.0.1.dns.ru',
])('7: %s is never called', (host) => {
  expect(refuseAddress(`https://${host}`, { allowOrigins: [], hosts: null, denyHosts: [] })).toBe('not_public')
})

it.each([1e300, -1e300, 8.64e12])('8: a token of iiko may say that it ends at %d', async (exp) => {
  const claims = new TextEncoder().encode(JSON.stringify({ exp })).toBase64({ alphabet: 'base64url' })
  const answer = { token: `e30.${claims}.x` }
  const written: Date[] = []
  const session = {
    ...{ settings: {}, apiKey: new Secret('key'), apiUrl: 'https://api-ru.iiko.services', app: null },
    http: { request: async () => ({ status: 200, headers: new Headers(), text: '', json: () => answer }) },
    tokenCache: { write: async (_: Secret, until: Date) => void written.push(until) },
    clock: { now: () => new Date('2026-01-01T00:00:00Z') },
  } as unknown as Session<CafeSettings>
  await fetchToken(session)
  expect(written.map((until) => until.toISOString().slice(0, 4))).toEqual([expect.stringMatching(/^202[56]$/)])
})
