// Files larger than one request may be: opened, sent in parts, completed.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { fileKey } from '#connections/file-store.ts'
import { abortOldUploads, findUpload } from '#connections/open-uploads.ts'
import { createFileTenant, type FileTenant, uploadsOf } from '#test/files.ts'
import { runOf } from '#test/pages.ts'
import { allTransactions, createTenant } from '#test/tenants.ts'

const HEADER = 'id;Дата;Сумма\n'
const ROW = (n: number) => `${String(n).padStart(7, '0')};02.03.2024 10:00;5\n`
/** Day and month cannot be told apart. */
const DOUBTFUL = 'id,Date,Amount\n1,03/04/2024,5\n'

async function open(tenant: FileTenant) {
  const { status, json } = await uploadsOf(tenant).open()
  expect(status).toBe(201)
  return { ...uploadsOf(tenant), ...json }
}

async function left({ context, integrationId }: FileTenant) {
  return (await context.files.list({ prefix: fileKey(integrationId, '') })).objects.length
}

/** Exactly the bytes that a part has to have, and what is over. */
function file(partBytes: number): readonly [string, string, number] {
  const count = Math.ceil(partBytes / ROW(0).length) + 10
  const text = HEADER + Array.from({ length: count }, (_, n) => ROW(n)).join('')
  const bytes = new TextEncoder().encode(text)
  const decode = (from: number, to?: number) => new TextDecoder().decode(bytes.subarray(from, to))
  return [decode(0, partBytes), decode(partBytes), count]
}

describe('an upload in parts', () => {
  it('is one file, and completing it twice is one run', async () => {
    const tenant = await createFileTenant()
    const { id, part, complete, abort, partBytes, partsMax } = await open(tenant)
    expect(partBytes * partsMax).toBeGreaterThanOrEqual(2 ** 30)
    const [first, second, count] = file(partBytes)
    // In any order.
    const answers = [await part(id, 2, second), await part(id, 1, first)]
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(await left(tenant)).toBe(0)
    const parts = answers.map(({ json }) => json)
    const { status, json } = await complete(id, parts)
    expect([status, json.trigger, json.id]).toEqual([202, 'import', id])
    expect((await complete(id, parts)).json.id).toBe(id)
    expect([await left(tenant), (await abort(id)).status, await left(tenant)]).toEqual([1, 404, 1])
    expect(json.progress.total).toBe(Math.ceil((HEADER.length + 6 + count * ROW(0).length) / 1024))
    await tenant.call('POST', `${tenant.path}/runs/${json.id}/cancel`)
  })

  it('goes on where completing it was broken off', async () => {
    const tenant = await createFileTenant()
    const { id, part, complete } = await open(tenant)
    const { json } = await part(id, 1, `${HEADER}${ROW(1)}`)
    const stored = await findUpload(tenant.context, tenant.integrationId, id)
    await stored?.complete([{ partNumber: json.part, etag: json.etag }])
    expect((await complete(id, [json])).status).toBe(202)
    await tenant.context.drain()
    expect(await runOf(tenant, id)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    expect(await left(tenant)).toBe(0)
  })

  it('of no bytes is empty', async () => {
    const tenant = await createFileTenant()
    const { id, part, complete } = await open(tenant)
    const { json } = await part(id, 2, '')
    expect((await complete(id, [json])).json).toMatchObject({ reason: 'empty' })
    expect(await left(tenant)).toBe(0)
  })

  it('is refused by its first part when that is no table', async () => {
    const tenant = await createFileTenant()
    const { id, part } = await open(tenant)
    expect((await part(id, 1, '%PDF-1.7')).json).toMatchObject({ code: 'unreadable_file', reason: 'pdf' })
  })

  it('is refused at its end when it was no table after all, and leaves nothing behind', async () => {
    const tenant = await createFileTenant()
    const { id, part, complete } = await open(tenant)
    const { json } = await part(id, 2, 'a,b\n1,2\n')
    expect((await complete(id, [json])).json).toMatchObject({ code: 'unreadable_file' })
    expect([await left(tenant), (await complete(id, [json])).status]).toEqual([0, 404])
  })

  it('whose file raises a question waits for the answer, and goes when none comes within a day', async () => {
    const tenant = await createFileTenant()
    const [answered, given, forgotten] = [await open(tenant), await open(tenant), await open(tenant)]
    const parts = []
    for (const { id, part, complete } of [answered, given, forgotten]) {
      const { json } = await part(id, 1, DOUBTFUL)
      parts.push(json)
      const { status, json: problem } = await complete(id, [json])
      expect([status, problem.code, problem.doubts[0].code]).toEqual([422, 'mapping_unconfirmed', 'date_order'])
    }
    expect([await left(tenant), await tenant.call('GET', `${tenant.path}/runs`)]).toMatchObject([
      3,
      { json: { items: [] } },
    ])
    await tenant.call('PUT', `${tenant.path}/formats/till`, { answers: ['date_order:mdy'] })
    expect((await answered.complete(answered.id, [parts[0]], '?format=till')).status).toBe(202)
    await tenant.context.drain()
    expect(await allTransactions(tenant)).toMatchObject([{ externalId: '1', occurredAt: '2024-03-03T21:00:00.000Z' }])
    expect([(await given.abort(given.id)).status, await left(tenant)]).toEqual([204, 1])
    await tenant.context.db.execute(sql`
      update open_uploads set opened_at = now() - interval '25 hours' where file_id = ${forgotten.id}::uuid`)
    await abortOldUploads(tenant.context)
    expect([await left(tenant), (await forgotten.complete(forgotten.id, [parts[2]])).status]).toEqual([0, 404])
  })

  it('takes no part that is larger than one, and no more parts than a file may have', async () => {
    const tenant = await createFileTenant({}, { IMPORT_BYTES_MAX: '9000000' })
    const { id, part, complete, partBytes, partsMax } = await open(tenant)
    expect(partsMax).toBe(2)
    expect((await part(id, 1, new Uint8Array(partBytes + 1))).json.code).toBe('body_too_large')
    expect((await part(id, 3, ROW(1))).json.code).toBe('body_too_large')
    const [first] = file(partBytes)
    const parts = [(await part(id, 1, first)).json, (await part(id, 2, first)).json]
    expect((await complete(id, parts)).json.code).toBe('body_too_large')
    expect(await left(tenant)).toBe(0)
  })

  it('can be given up, and is not there any more then', async () => {
    const tenant = await createFileTenant()
    const { id, part, complete, abort } = await open(tenant)
    const { json } = await part(id, 1, `${HEADER}${ROW(1)}`)
    expect((await abort(id)).status).toBe(204)
    for (const answer of [await complete(id, [json]), await part(id, 1, HEADER), await abort(id)]) {
      expect([answer.status, answer.json.code]).toEqual([404, 'not_found'])
    }
    expect(await left(tenant)).toBe(0)
  })

  it('is nobody else’s, and of no other integration', async () => {
    const tenant = await createFileTenant()
    const { id } = await open(tenant)
    const stranger = await createTenant(tenant.context)
    const theirs = uploadsOf({ ...tenant, call: stranger.call })
    expect((await theirs.part(id, 1, ROW(1))).status).toBe(404)
    const other = await createFileTenant()
    expect((await uploadsOf(other).part(id, 1, `${HEADER}${ROW(1)}`)).status).toBe(404)
  })

  it('has no part of another number than 1 to 10,000', async () => {
    const tenant = await createFileTenant()
    const { id, part } = await open(tenant)
    for (const n of ['0', '01', '10001', 'x', '%00', '-1']) {
      const { status, json } = await part(id, n, ROW(1))
      expect([status, json.errors[0].path]).toEqual([400, 'path.n'])
    }
  })

  it('is completed by a list of its parts and nothing else', async () => {
    const tenant = await createFileTenant()
    const { id, complete } = await open(tenant)
    for (const parts of [undefined, [], [{ part: 1 }], [{ part: 1, etag: 'x', more: 1 }], [{ part: 1, etag: 'x' }]]) {
      const { status, json } = await complete(id, parts)
      expect([status, json.errors[0].path]).toEqual([400, expect.stringMatching(/^parts/)])
    }
    expect((await complete(id, [{ part: 1, etag: 'x' }], '?surprise=1')).json.errors[0].path).toBe('query.surprise')
  })
})
