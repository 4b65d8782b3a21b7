// A file at an address: fetched when it has changed, worked through from R2, and never in part.
import { describe, expect, it } from 'vitest'
import { createCsvSandbox, type CsvOptions, type CsvSandbox } from '#sandbox/csv.ts'
import { refusal } from '#crm/csv/refusal.ts'
import { fileKey } from '#connections/file-store.ts'
import { runSlice } from '#sync/run-slice.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { createFileTenant } from '#test/files.ts'
import { expireLease, integrationOf, runOf } from '#test/pages.ts'
import { allTransactions, type Connected, createVendorTenant, sync } from '#test/tenants.ts'

interface Till extends Connected {
  readonly sandbox: CsvSandbox
}

async function createTill(options: CsvOptions = {}): Promise<Till> {
  return createVendorTenant((now) => createCsvSandbox({ now, ...options }))
}

async function stored({ context, integrationId }: Connected) {
  return (await context.files.list({ prefix: fileKey(integrationId, '') })).objects.length
}

const fetched = ({ sandbox }: Till) => sandbox.requests.length

describe('a file that is pulled', () => {
  it('is no work while its tag or its content is the same, and one file is kept at most', async () => {
    for (const isPlain of [false, true]) {
      const till = await createTill()
      till.sandbox.isPlain = isPlain
      till.sandbox.sell(50_000)
      expect(await sync(till)).toMatchObject({ status: 'succeeded', counters: { pages: 1, inserted: 1, skipped: 1 } })
      expect(await sync(till)).toMatchObject({ status: 'succeeded', counters: { pages: 0, fetched: 0 } })
      till.sandbox.sell(70_000)
      expect(await sync(till)).toMatchObject({ status: 'succeeded', counters: { inserted: 1, unchanged: 1 } })
      expect(fetched(till)).toBe(3)
      expect(await stored(till)).toBe(1)
    }
  })

  it('may have no rows yet: a till that has sold nothing', async () => {
    const till = await createTill()
    expect(await sync(till)).toMatchObject({ status: 'succeeded', counters: { inserted: 0, skipped: 1 } })
    till.sandbox.sell(100)
    expect(await sync(till)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
  })

  it('goes on where a dead worker left it, without being fetched again', async () => {
    const till = await createTill({ demo: true })
    const { json } = await till.call('POST', `${till.path}/sync`)
    till.context.messages.length = 0
    till.context.databaseFaults.push('none', 'none', ...Array.from({ length: 12 }, () => 'unsent' as const))
    await runSlice(till.context, json.id).catch(() => undefined)
    till.context.databaseFaults.length = 0
    expect(await runOf(till, json.id)).toMatchObject({ status: 'running', counters: { pages: 1 } })
    await expireLease(till as never)
    await runSlice(till.context, json.id)
    expect(await runOf(till, json.id)).toMatchObject({ status: 'succeeded', counters: { inserted: 1200 } })
    expect(fetched(till)).toBe(1)
  })

  it('is followed by a newer one when it was left over from an earlier run', async () => {
    const till = await createTill({ demo: true })
    const { json } = await till.call('POST', `${till.path}/sync`)
    till.context.databaseFaults.push('none', 'none', ...Array.from({ length: 12 }, () => 'unsent' as const))
    await runSlice(till.context, json.id).catch(() => undefined)
    till.context.databaseFaults.length = 0
    await till.call('POST', `${till.path}/runs/${json.id}/cancel`)
    till.context.clock.advance(60_000)
    till.sandbox.sell(12_300)
    till.context.messages.length = 0
    expect(await sync(till)).toMatchObject({ status: 'succeeded' })
    expect(await allTransactions(till)).toHaveLength(1201)
    expect(fetched(till)).toBe(2)
  })

  it('is fetched again when it has gone from here before it was read to its end', async () => {
    const till = await createTill({ demo: true })
    const { json } = await till.call('POST', `${till.path}/sync`)
    till.context.messages.length = 0
    till.context.databaseFaults.push('none', 'none', ...Array.from({ length: 12 }, () => 'unsent' as const))
    await runSlice(till.context, json.id).catch(() => undefined)
    till.context.databaseFaults.length = 0
    const { objects } = await till.context.files.list({ prefix: fileKey(till.integrationId, '') })
    await till.context.files.delete(objects.map(({ key }) => key))
    await expireLease(till as never)
    await runSlice(till.context, json.id)
    expect(await runOf(till, json.id)).toMatchObject({
      status: 'succeeded',
      // The first page had a thousand rows; refunds among them come at the end.
      counters: { inserted: 1200, unchanged: 971 },
    })
  })

  it('that is none is told as what it is, with the data left alone', async () => {
    const till = await createTill()
    till.sandbox.sell(100)
    await sync(till)
    till.sandbox.faults.plan.next = ['html', 'html', 'html', 'html']
    const failed = await sync(till)
    expect(failed).toMatchObject({ status: 'failed', error: { kind: 'unavailable', code: 'unavailable.html_page' } })
    till.sandbox.status = 404
    expect(await sync(till)).toMatchObject({ status: 'failed', error: { code: 'unavailable.file_missing' } })
    expect(await allTransactions(till)).toMatchObject([{ status: 'paid' }])
    expect(await stored(till)).toBeLessThanOrEqual(1)
    till.sandbox.status = 200
    expect(await sync(till)).toMatchObject({ status: 'succeeded' })
  })

  it('of no bytes is told as empty, with the data left alone, and read when it has some', async () => {
    const till = await createTill()
    till.sandbox.sell(100)
    await sync(till)
    till.sandbox.isEmpty = true
    expect(await sync(till)).toMatchObject({ status: 'failed', error: { code: 'malformed.empty' } })
    till.sandbox.isEmpty = false
    till.sandbox.sell(200)
    expect(await sync(till)).toMatchObject({ status: 'succeeded', counters: { inserted: 1, unchanged: 1 } })
  })

  it('is tested as it will be read, and says what it found', async () => {
    const till = await createTill()
    till.sandbox.sell(100)
    const { json } = await till.call('POST', `${till.path}/test`, undefined, { 'accept-language': 'ru' })
    expect(json).toMatchObject({
      ok: true,
      capabilities: [
        { name: 'credentials' },
        { name: 'file', detail: expect.stringContaining('amount ← Сумма, руб.') },
      ],
    })
    till.sandbox.faults.plan.next = ['html']
    const page = await till.call('POST', `${till.path}/test`, undefined, { 'accept-language': 'ru' })
    expect(page.json).toMatchObject({
      ok: false,
      capabilities: [{ ok: true }, { name: 'file', ok: false, detail: expect.stringContaining('веб-страница') }],
    })
    expect((await till.call('PATCH', till.path, { syncEnabled: true })).status).toBe(200)
    expect(await integrationOf(till as never)).toMatchObject({ syncEnabled: true, connection: { status: 'ok' } })
  })
})

describe('a refusal of the file', () => {
  it.each([
    ['asks for a password', 401, 'no', 'Basic realm="x"', 'auth'],
    ['shows a proxy’s page, with a challenge', 401, '<html>nginx</html>', 'Basic realm="proxy"', 'unavailable'],
    ['shows a page', 401, '<html>Вход</html>', null, 'unavailable'],
    ['shows a page', 403, '<html>403 Forbidden</html>', null, 'unavailable'],
    ['says something of its own', 403, '{"message":"Forbidden"}', null, 'unavailable'],
    ['says nothing', 403, '', null, 'unavailable'],
    ['says nothing', 402, '', null, 'unavailable'],
    ['is a store that denies access', 403, '<Error><Code>AccessDenied</Code></Error>', null, 'forbidden'],
    ['is a store without the file', 404, '<Error><Code>NoSuchKey</Code></Error>', null, 'unavailable'],
    ['shows a page', 404, '<html>404</html>', null, 'unavailable'],
    ['says nothing', 409, '', null, 'unavailable'],
  ])('by an address that %s with status %i (%s)', (_name, status, text, challenge, kind) => {
    const headers = new Headers(challenge === null ? {} : { 'www-authenticate': challenge })
    expect(refusal({ status, headers, text })).toMatchObject({ kind, status })
  })

  it('that is not its host’s own word fails the run, leaves sync on and the data alone', async () => {
    const till = await createTill()
    till.sandbox.sell(100)
    await sync(till)
    await till.call('POST', `${till.path}/test`)
    expect((await till.call('PATCH', till.path, { syncEnabled: true })).status).toBe(200)
    till.sandbox.page = { status: 403, body: '<html><h1>403 Forbidden</h1></html>' }
    expect(await sync(till)).toMatchObject({ status: 'failed', error: { code: 'unavailable.address_refuses' } })
    // A page or a proxy's JSON in the place of the file is no file either.
    for (const body of ['<!-- x --><center>1;2</center>', '{"message":"Forbidden;01.01.2026;500"}', '<h1>500</h1>']) {
      till.sandbox.page = { status: 200, body }
      expect(await sync(till)).toMatchObject({ status: 'failed', error: { code: 'unavailable.html_page' } })
    }
    expect((await till.call('GET', till.path)).json.syncEnabled).toBe(true)
    till.sandbox.page = null
    expect(await sync(till)).toMatchObject({ status: 'succeeded' })
    expect(await allTransactions(till)).toMatchObject([{ status: 'paid' }])
  })
})

describe('the address of a file', () => {
  it.each([
    'https://docs.google.com/spreadsheets/d/abc/export?format=csv&gid=0',
    'https://www.dropbox.com/scl/fi/abc/sales.csv?rlkey=x&dl=1',
    `${SANDBOX_URL}/sales.csv`,
  ])('%s may be set, query and all', async (apiUrl) => {
    const tenant = await createFileTenant()
    const { status, json } = await tenant.call('PATCH', tenant.path, { apiUrl })
    expect([status, json.apiUrl]).toEqual([200, apiUrl])
  })

  it.each([
    'http://example.org/x.csv',
    'https://127.0.0.1/x.csv',
    'https://example.org/x.csv#gid=1',
    'ftp://example.org/x.csv',
    'https://user:pass@example.org/x',
  ])('%s is refused', async (apiUrl) => {
    const tenant = await createFileTenant()
    const { status, json } = await tenant.call('PATCH', tenant.path, { apiUrl })
    expect([status, json.errors[0].path]).toEqual([400, 'apiUrl'])
  })
})

describe('the settings', () => {
  it.each([
    [{ delimiter: ';;' }, 'delimiter'],
    [{ delimiter: '"' }, 'delimiter'],
    [{ encoding: 'gbk' }, 'encoding'],
    [{ encoding: 'klingon' }, 'encoding'],
    [{ decimal: ' ' }, 'decimal'],
    [{ timezone: 'Mars/Base' }, 'timezone'],
    [{ currency: 'рубль' }, 'currency'],
    [{ mapping: { total: 'Сумма' } }, 'mapping.total'],
    [{ mapping: { amount: '' } }, 'mapping.amount'],
    [{ mapping: { idScope: 'week' } }, 'mapping.idScope'],
    [{ words: { maybe: ['x'] } }, 'words.maybe'],
    [{ surprise: 1 }, 'surprise'],
  ])('%j are refused', async (additionalConfig, path) => {
    const tenant = await createFileTenant()
    const { status, json } = await tenant.call('PATCH', tenant.path, { additionalConfig })
    expect([status, json.errors[0].path]).toEqual([400, `additionalConfig.${path}`])
  })
})
