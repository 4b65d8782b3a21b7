// Uploads in one request: what is taken, what is refused, and that nothing is left of what was not taken.
import { describe, expect, it } from 'vitest'
import { fileKey } from '#connections/file-store.ts'
import { runSlice } from '#sync/run-slice.ts'
import { createFileTenant, errorsOf, type FileTenant, importFile, preview, send } from '#test/files.ts'
import { runOf } from '#test/pages.ts'
import { allTransactions, createSalonTenant, createTenant } from '#test/tenants.ts'

const HEADER = 'id;Дата;Сумма;Клиент;Телефон'
const ROWS = ['1;02.03.2024 10:00;100,50;Анна;89000000001', '2;03.03.2024 11:00;-20;Пётр;']
const FILE = `${[HEADER, ...ROWS].join('\r\n')}\r\n`
const MIB = 1024 * 1024

async function left({ context, integrationId }: FileTenant) {
  return (await context.files.list({ prefix: fileKey(integrationId, '') })).objects.length
}

async function runs({ call, path }: FileTenant) {
  return (await call('GET', `${path}/runs`)).json.items
}

/** Chunks made one by one as they are asked for; `taken` counts them. */
function stream(chunks: number, chunk: (index: number) => Uint8Array, fails = false) {
  const seen = { taken: 0, isCancelled: false }
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (seen.taken === chunks && fails) controller.error(new Error('the line is dead'))
      else if (seen.taken === chunks) controller.close()
      else controller.enqueue(chunk((seen.taken += 1)))
    },
    cancel: () => void (seen.isCancelled = true),
  })
  return { body, seen }
}

const row = (n: number) => `${n};02.03.2024 10:00;5;${'Анна'.repeat(20)};\n`
/** About `bytes` of rows, from a number on. */
function rows(from: number, bytes: number): Uint8Array {
  const count = Math.ceil(bytes / new TextEncoder().encode(row(from)).length)
  return new TextEncoder().encode(Array.from({ length: count }, (_, n) => row(from + n)).join(''))
}

const HEAD = new TextEncoder().encode(`${HEADER}\n`)
const MEGABYTE = rows(100_000, MIB)
/** The header, and then the same megabyte of rows again and again. */
const endless = (n: number) => (n === 1 ? HEAD : MEGABYTE)

describe('an upload', () => {
  it('becomes sales by a run that waits in line, and the file goes when it is done', async () => {
    const tenant = await createFileTenant()
    const { status, json } = await send(tenant, FILE)
    expect([status, json.trigger, json.status]).toEqual([202, 'import', 'queued'])
    expect(await left(tenant)).toBe(1)
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({
      ...{ status: 'succeeded', trigger: 'import', error: null, progress: { done: 1, total: 1 } },
      counters: { fetched: 2, inserted: 2, quarantined: 0 },
    })
    expect(await left(tenant)).toBe(0)
    expect(await allTransactions(tenant)).toMatchObject([
      { externalId: '1', kind: 'sale', amountMinor: 10_050, customer: { name: 'Анна', phone: '+79000000001' } },
      { externalId: '2', kind: 'refund', amountMinor: -2000, occurredAt: '2024-03-03T08:00:00.000Z' },
    ])
    const { json: integration } = await tenant.call('GET', tenant.path)
    expect(integration).toMatchObject({ totalSyncs: 1, successfulSyncs: 1, transactionsSynced: 2 })
  })

  it('is told with what type it may come', async () => {
    const tenant = await createFileTenant()
    for (const type of [
      'text/csv; charset=windows-1251',
      'text/plain',
      'application/vnd.ms-excel',
      'application/octet-stream',
      '',
    ]) {
      expect((await send(tenant, FILE, '?dryRun=true', { 'content-type': type })).status, type).toBe(200)
    }
    for (const type of [
      'application/json',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'text/html',
    ]) {
      const { status, json } = await send(tenant, FILE, '', { 'content-type': type })
      expect([status, json.code], type).toEqual([415, 'unsupported_media_type'])
    }
  })

  it.each([
    ['archive', Uint8Array.from([0x50, 0x4b, 0x03, 0x04, ...new Uint8Array(200)]), /ZIP/],
    ['html', '<html><table></table></html>', /Excel/],
    ['empty', '', /пуст/],
    ['no_amount_column', 'id;Дата\n1;02.03.2024\n', /id, Дата/],
    ['no_rows', `${HEADER}\n`, /нет строк/],
  ])('that is no table of sales is refused with what to do: %s', async (reason, content, detail) => {
    const tenant = await createFileTenant()
    for (const query of ['', '?dryRun=true']) {
      const isPreviewed = query !== '' && /column|rows/.test(reason)
      const { status, json } = await send(tenant, content, query, { 'accept-language': 'ru' })
      expect([status, json.code]).toEqual(isPreviewed ? [200, undefined] : [422, 'unreadable_file'])
      if (!isPreviewed) expect(json).toMatchObject({ reason, detail: expect.stringMatching(detail) })
    }
    expect([await left(tenant), await runs(tenant)]).toEqual([0, []])
    expect((await send(tenant, content)).json.detail).toMatch(/^[A-Z]/)
  })

  it('that names no column of the settings stops before anything is written', async () => {
    const tenant = await createFileTenant({ mapping: { amount: 'Итог' } })
    const { status, json } = await send(tenant, FILE)
    expect([status, json.reason, json.detail]).toEqual([422, 'column_missing', expect.stringContaining('“Итог”')])
    expect(await runs(tenant)).toEqual([])
  })

  it('larger than allowed is refused while it comes, whatever was said of its length, and leaves nothing behind', async () => {
    const tenant = await createFileTenant({}, { IMPORT_BYTES_MAX: String(9 * MIB) })
    const { body, seen } = stream(1000, endless)
    const { status, json } = await send(tenant, body)
    expect([status, json.code]).toEqual([413, 'body_too_large'])
    // What the sender is still sending is taken for a while, or it would never see the answer.
    expect(seen.taken).toBeLessThan(120)
    expect(seen.isCancelled).toBe(true)
    expect([await left(tenant), await runs(tenant)]).toEqual([0, []])
  })

  it.each([1, 12])('that breaks off after %i parts of a megabyte leaves nothing behind', async (chunks) => {
    const tenant = await createFileTenant()
    const { body } = stream(chunks, endless, true)
    const { status } = await send(tenant, body)
    expect(status).toBe(400)
    expect([await left(tenant), await runs(tenant)]).toEqual([0, []])
  })

  it('whose run was put in line, only that nobody heard of it, keeps its file', async () => {
    const tenant = await createFileTenant()
    tenant.context.databaseFaults.push('unanswered')
    const { status, json } = await send(tenant, FILE)
    expect([status, json.status]).toEqual([202, 'queued'])
    await runSlice(tenant.context, json.id)
    expect(await runOf(tenant, json.id)).toMatchObject({ status: 'succeeded', counters: { inserted: 2 } })
    tenant.context.databaseFaults.push('unsent')
    expect((await send(tenant, FILE)).status).toBeGreaterThanOrEqual(500)
    expect([await left(tenant), (await runs(tenant)).length]).toEqual([0, 1])
  })

  it('of several parts in R2 is whole', async () => {
    const tenant = await createFileTenant()
    const { body } = stream(10, endless)
    const { status, json } = await send(tenant, body)
    expect(status).toBe(202)
    const file = await tenant.context.files.head(fileKey(tenant.integrationId, json.id))
    expect(file?.size).toBeGreaterThan(8 * MIB)
    expect(json.progress.total).toBe(Math.ceil((file?.size ?? 0) / 1024))
  })

  it('waits in line behind four others at most, and is refused before it is taken', async () => {
    const tenant = await createFileTenant()
    for (let n = 0; n < 5; n += 1) expect((await send(tenant, FILE)).status).toBe(202)
    const { status, json } = await send(tenant, FILE)
    expect([status, json.code, await left(tenant)]).toEqual([409, 'too_many_runs', 5])
    await tenant.context.drain()
    expect((await runs(tenant)).map(({ status: ended }: { status: string }) => ended)).toEqual(
      Array.from({ length: 5 }, () => 'succeeded'),
    )
    expect(await left(tenant)).toBe(0)
  })

  it('is for integrations that take files', async () => {
    const salon = await createSalonTenant()
    const { status, json } = await send(salon, FILE)
    expect([status, json.code, json.detail]).toEqual([
      400,
      'invalid_request',
      expect.stringContaining('takes no files'),
    ])
  })

  it('whose file has gone fails with what to do', async () => {
    const tenant = await createFileTenant()
    const { json } = await send(tenant, FILE)
    await tenant.context.files.delete(fileKey(tenant.integrationId, json.id))
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({
      ...{ status: 'failed', error: { kind: 'not_found', message: expect.stringContaining('Upload it again') } },
    })
  })
})

it('an upload that says that it is larger than allowed is not even taken', async () => {
  const tenant = await createFileTenant({}, { IMPORT_BYTES_MAX: '1000000' })
  const { body, seen } = stream(10, endless)
  const { status } = await send(tenant, body, '', { 'content-length': '1000001' })
  expect([status, seen.taken <= 1]).toEqual([413, true])
})

describe('a dry run', () => {
  it('tells what an import would do, and does nothing', async () => {
    const tenant = await createFileTenant()
    const found = await preview(tenant, `${FILE}x;x;x;;\r\n`, { 'accept-language': 'ru' })
    expect(found).toMatchObject({
      mapping: { id: 'id', date: 'Дата', amount: 'Сумма', name: 'Клиент', phone: 'Телефон' },
      rows: [{ id: null, businessId: tenant.businessId, externalId: '1', amountMinor: 10_050 }, { externalId: '2' }],
      rejected: [{ line: 4, column: 'Дата', reason: expect.stringMatching(/^Дата или время не читается/) }],
      totals: { sales: 1, refunds: 1, rejected: 1 },
      isWhole: true,
    })
    expect([await left(tenant), await runs(tenant), await allTransactions(tenant)]).toEqual([0, [], []])
    await tenant.call('PATCH', tenant.path, { additionalConfig: { mapping: found.mapping } })
    expect(await importFile(tenant, FILE)).toMatchObject({ status: 'succeeded', counters: { inserted: 2 } })
    expect((await allTransactions(tenant)).map(({ externalId }) => externalId)).toEqual(['1', '2'])
  })

  it('reads a megabyte and lets go of the rest', async () => {
    const tenant = await createFileTenant()
    const { body, seen } = stream(1000, endless)
    const found = await preview(tenant, body)
    expect([found.isWhole, found.problems.map(({ code }: { code: string }) => code)]).toEqual([false, ['is_cut']])
    expect(found.totals).toMatchObject({ rejected: 0 })
    expect(seen.taken).toBeLessThan(120)
    expect(seen.isCancelled).toBe(true)
  })
})

describe('the rows that were rejected', () => {
  const BAD = `${FILE}3;31.02.2024;5;Анна;\r\n4;02.03.2024;=1+1;"a;b ""c""";\r\n=cmd|x;02.03.2024;5;;;;лишнее\r\n`

  it('are told with line, column, reason and text; the others are imported', async () => {
    const tenant = await createFileTenant()
    const run = await importFile(tenant, BAD)
    expect(run).toMatchObject({ status: 'succeeded', counters: { fetched: 5, inserted: 2, quarantined: 3 } })
    expect(await errorsOf(tenant, run.id)).toEqual([
      {
        line: 4,
        column: 'Дата',
        reason: expect.stringMatching(/^The date or time cannot be read/),
        raw: '3;31.02.2024;5;Анна;',
      },
      {
        line: 5,
        column: 'Сумма',
        reason: expect.stringMatching(/^The amount is not a number/),
        raw: `4;02.03.2024;'=1+1;"a;b ""c""";`,
      },
      { line: 6, column: '', reason: expect.stringContaining('more cells'), raw: "'=cmd|x;02.03.2024;5;;;;лишнее" },
    ])
    expect((await tenant.call('GET', `${tenant.path}/quarantine`)).json.items).toEqual([])
  })

  it('come as a file that Excel opens, in the language that is asked for', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, BAD)
    const request = new Request(`https://api.example.com${tenant.path}/imports/${id}/errors.csv?delimiter=;`, {
      headers: { authorization: `Bearer ${await bearerOf(tenant)}`, 'accept-language': 'ru' },
    })
    const response = await tenant.context.app.fetch(request)
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('content-disposition')).toContain('errors.csv')
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await response.arrayBuffer())
    expect(text).toMatch(/^\ufeffline;column;reason;raw\r\n4;Дата;"?Дата или время не читается.*;"3;31.02/)
  })

  it('are as many as there are, page by page, and whole or left out', async () => {
    const tenant = await createFileTenant()
    const bad = Array.from({ length: 2500 }, (_, n) => `${n};нет;5;${'x'.repeat(n === 7 ? 10_000 : 600)};`)
    const { id, counters } = await importFile(tenant, `${HEADER}\n2500;02.03.2024;5;;\n${bad.join('\n')}\n`)
    expect(counters.quarantined).toBe(2500)
    const errors = await errorsOf(tenant, id)
    expect(errors.map(({ line }) => line)).toEqual(Array.from({ length: 2500 }, (_, n) => n + 3))
    expect(errors.map(({ raw }) => raw)).toEqual(bad.map((raw, n) => (n === 7 ? '' : raw)))
  })

  it('are none of a run without any, and nobody else’s', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, FILE)
    expect(await errorsOf(tenant, id)).toEqual([])
    const stranger = await createTenant(tenant.context)
    expect((await stranger.call('GET', `${tenant.path}/imports/${id}/errors.csv`)).status).toBe(404)
    expect((await tenant.call('GET', `${tenant.path}/imports/${crypto.randomUUID()}/errors.csv`)).status).toBe(404)
  })
})

async function bearerOf({ businessId }: FileTenant): Promise<string> {
  const { tenantToken } = await import('#test/tokens.ts')
  return tenantToken(businessId)
}
