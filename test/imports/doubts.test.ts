// Questions about a file: shown by the preview, in the way of an import, and answered once by a format.
import { describe, expect, it } from 'vitest'
import { fileKey } from '#connections/file-store.ts'
import { createCsvSandbox } from '#sandbox/csv.ts'
import { createFileTenant, type FileTenant, importFile, preview, send } from '#test/files.ts'
import { openIssues } from '#test/issues.ts'
import { allTransactions, createVendorTenant, sync } from '#test/tenants.ts'

/** Day and month cannot be told apart. */
const DOUBTFUL = 'id,Date,Amount\n1,03/04/2024,5\n2,05/06/2024,-7\n'
const HEADER = ['Amount', 'id', 'Date']
const MONTH_FIRST = { header: HEADER, answers: ['date_order:mdy'] }

async function nothingIsLeft({ context, integrationId, call, path }: FileTenant) {
  expect((await context.files.list({ prefix: fileKey(integrationId, '') })).objects).toEqual([])
  expect((await call('GET', `${path}/runs`)).json.items).toEqual([])
  expect(await allTransactions({ call, path })).toEqual([])
}

const dates = async (tenant: FileTenant) =>
  (await allTransactions(tenant)).map(({ occurredAt }) => occurredAt.slice(0, 10))

describe('a file that raises a question', () => {
  it('shows it first, with what each answer would store, and is not imported', async () => {
    const tenant = await createFileTenant()
    for (const headers of [{ 'accept-language': 'ru' }, {}]) {
      const { text, json } = await send(tenant, DOUBTFUL, '/preview', headers)
      expect(text.startsWith('{"doubts":[{"code":"date_order"')).toBe(true)
      expect(json).toMatchObject({
        ...{ format: null, header: ['id', 'Date', 'Amount'], new: 2, changed: 0, known: 0, isCut: false },
        doubts: [{ columns: ['Date'], choices: [{ id: 'date_order:dmy', count: 2, totalMinor: -200 }, {}] }],
      })
      const refused = await send(tenant, DOUBTFUL, '', headers)
      expect([refused.status, refused.json]).toMatchObject([
        422,
        { code: 'mapping_unconfirmed', doubts: json.doubts, detail: expect.stringContaining(json.doubts[0].message) },
      ])
      expect(json.doubts[0].message).toMatch('accept-language' in headers ? /[а-яё]/ : /^[A-Z][a-z]/)
    }
    await nothingIsLeft(tenant)
  })

  it('is answered by a format that is named, and by one that knows its columns in any order', async () => {
    const tenant = await createFileTenant()
    const named = await createFileTenant()
    for (const { call, path } of [tenant, named]) await call('PUT', `${path}/formats/till`, MONTH_FIRST)
    expect(await preview(tenant, DOUBTFUL)).toMatchObject({ doubts: [], format: 'till' })
    expect(await importFile(tenant, DOUBTFUL)).toMatchObject({ status: 'succeeded', counters: { inserted: 2 } })
    expect(await dates(tenant)).toEqual(['2024-03-03', '2024-05-05'])
    expect(await preview(tenant, DOUBTFUL.replace('-7', '-8'))).toMatchObject({ new: 0, changed: 1, known: 1 })
    const other = DOUBTFUL.replace('Amount', 'Amount paid')
    expect((await send(named, other, '?format=till')).status).toBe(202)
    await named.context.drain()
    expect(await dates(named)).toEqual(['2024-03-03', '2024-05-05'])
    expect((await send(named, other)).json.code).toBe('mapping_unconfirmed')
    for (const query of ['?format=none', '/preview?format=none', '?format=%0A']) {
      const { status, json } = await send(named, DOUBTFUL, query)
      expect([status, json.errors[0].path]).toEqual([400, 'query.format'])
    }
  })

  it('tries a format in a form beside it, in any order, without saving it', async () => {
    const tenant = await createFileTenant()
    const file = ['file', new Blob([DOUBTFUL], { type: 'text/csv' }), 'sales.csv'] as const
    const format = ['format', JSON.stringify({ answers: ['date_order:mdy'] })] as const
    for (const parts of [[file, format], [format, file], [file]] as const) {
      const form = new FormData()
      for (const [name, value, filename] of parts) {
        if (typeof value === 'string') form.append(name, value)
        else form.append(name, value, filename)
      }
      const { status, json } = await sendForm(tenant, form)
      expect([status, json.doubts.length, json.rows[0].occurredAt.slice(5, 10)]).toEqual(
        parts.length === 2 ? [200, 0, '03-03'] : [200, 1, '04-02'],
      )
    }
    expect((await tenant.call('GET', `${tenant.path}/formats`)).json.items).toEqual([])
    await nothingIsLeft(tenant)
  })

  it('refuses a form that is none, and a format that cannot be', async () => {
    const tenant = await createFileTenant()
    const form = (parts: Record<string, string>) => {
      const made = new FormData()
      for (const [name, value] of Object.entries(parts)) made.append(name, value)
      return made
    }
    for (const [parts, path] of [
      [{ format: '{}' }, 'file'],
      [{ file: DOUBTFUL, format: '{' }, 'format'],
      [{ file: DOUBTFUL, format: '{"dateOrder":"ymd"}' }, 'format.dateOrder'],
      [{ file: DOUBTFUL, format: '{"a\\u0000":1}' }, /^format/],
      [{ file: DOUBTFUL, language: 'ru' }, 'language'],
    ] as const) {
      const { status, json } = await sendForm(tenant, form(parts))
      expect([status, json.errors[0].path]).toEqual([
        400,
        typeof path === 'string' ? path : expect.stringMatching(path),
      ])
    }
    const type = { 'content-type': 'multipart/form-data; boundary=x' }
    for (const body of ['', 'junk', '--x\r\ncontent-disposition: form-data; name="file"\r\n\r\nid;Дата']) {
      expect((await send(tenant, body, '/preview', type)).status, body).toBe(400)
    }
    expect((await send(tenant, DOUBTFUL, '', type)).status).toBe(415)
  })
})

async function sendForm({ call, path }: FileTenant, form: FormData) {
  const request = new Request('https://api.example.com', { method: 'POST', body: form })
  const body = new Uint8Array(await request.arrayBuffer())
  return call('POST', `${path}/imports/preview`, body, { 'content-type': request.headers.get('content-type') ?? '' })
}

describe('a file at an address', () => {
  it('that raises a question fails its run and opens an issue, until a format answers', async () => {
    const till = await createVendorTenant((now) => createCsvSandbox({ now }))
    till.sandbox.page = { status: 200, body: DOUBTFUL }
    const failed = await sync(till)
    expect(failed).toMatchObject({ status: 'failed', attempt: 0, error: { code: 'malformed.mapping_unconfirmed' } })
    expect(failed.error.message).toContain('Date')
    expect(await openIssues(till)).toMatchObject([{ code: 'mapping_unconfirmed', whose_turn: 'owner' }])
    await till.call('PUT', `${till.path}/formats/till`, MONTH_FIRST)
    expect(await sync(till)).toMatchObject({ status: 'succeeded', counters: { inserted: 2 } })
    expect(await openIssues(till)).toEqual([])
  })

  it('of which every row is rejected fails its run and opens an issue, until one can be read', async () => {
    const till = await createVendorTenant((now) => createCsvSandbox({ now }))
    till.sandbox.page = { status: 200, body: 'id;Дата;Сумма\n1;нет;5\n2;31.02.2024;6\n' }
    expect(await sync(till)).toMatchObject({
      ...{ status: 'failed', attempt: 0, counters: { quarantined: 2 }, error: { code: 'malformed.all_rejected' } },
    })
    expect(await openIssues(till)).toMatchObject([{ code: 'all_rejected', params: { records: '2' } }])
    expect((await till.call('GET', till.path)).json).toMatchObject({ lastSyncStatus: 'failed', failedSyncs: 1 })
    till.sandbox.page = { status: 200, body: 'id;Дата;Сумма\n1;01.02.2024;5\n2;31.02.2024;6\n' }
    expect(await sync(till)).toMatchObject({ status: 'succeeded', counters: { inserted: 1, quarantined: 1 } })
    expect(await openIssues(till)).toEqual([])
  })
})
