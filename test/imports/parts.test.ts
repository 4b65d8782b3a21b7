// Files larger than one request may be: opened, sent in parts, completed.
import { describe, expect, it } from 'vitest'
import { fileKey } from '#connections/file-store.ts'
import { createFileTenant, type FileTenant, send } from '#test/files.ts'
import { runOf } from '#test/pages.ts'
import { createTenant } from '#test/tenants.ts'

const HEADER = 'id;Дата;Сумма\n'
const ROW = (n: number) => `${String(n).padStart(7, '0')};02.03.2024 10:00;5\n`

async function open(tenant: FileTenant) {
  const { status, json } = await send(tenant, '', '?upload=new')
  expect(status).toBe(201)
  return json
}

const part = async (tenant: FileTenant, upload: string, n: number, content: string | Uint8Array<ArrayBuffer>) =>
  send(tenant, content, `?upload=${encodeURIComponent(upload)}&part=${n}`)

const complete = async (tenant: FileTenant, upload: string, parts: unknown) =>
  tenant.call('POST', `${tenant.path}/imports?upload=${encodeURIComponent(upload)}`, { parts })

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
    const { upload, partBytes, partsMax } = await open(tenant)
    expect(partBytes * partsMax).toBeGreaterThanOrEqual(2 ** 30)
    const [first, second, count] = file(partBytes)
    // In any order.
    const answers = [await part(tenant, upload, 2, second), await part(tenant, upload, 1, first)]
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(await left(tenant)).toBe(0)
    const parts = answers.map(({ json }) => json)
    const { status, json } = await complete(tenant, upload, parts)
    expect([status, json.trigger]).toEqual([202, 'import'])
    expect((await complete(tenant, upload, parts)).json.id).toBe(json.id)
    expect(await left(tenant)).toBe(1)
    expect(json.progress.total).toBe(Math.ceil((HEADER.length + 6 + count * ROW(0).length) / 1024))
    await tenant.call('POST', `${tenant.path}/runs/${json.id}/cancel`)
  })

  it('goes on where completing it was broken off', async () => {
    const tenant = await createFileTenant()
    const { upload } = await open(tenant)
    const { json } = await part(tenant, upload, 1, `${HEADER}${ROW(1)}`)
    const [, id = '', uploadId = ''] = /^([^.]+)\.(.+)$/.exec(upload) ?? []
    const stored = tenant.context.files.resumeMultipartUpload(fileKey(tenant.integrationId, id), uploadId)
    await stored.complete([{ partNumber: json.part, etag: json.etag }])
    expect((await complete(tenant, upload, [json])).status).toBe(202)
    await tenant.context.drain()
    expect(await runOf(tenant, id)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
  })

  it('of no bytes is empty', async () => {
    const tenant = await createFileTenant()
    const { upload } = await open(tenant)
    const { json } = await part(tenant, upload, 2, '')
    expect((await complete(tenant, upload, [json])).json).toMatchObject({ reason: 'empty' })
    expect(await left(tenant)).toBe(0)
  })

  it('of one part is worked off like any other', async () => {
    const tenant = await createFileTenant()
    const { upload } = await open(tenant)
    const { json } = await part(tenant, upload, 1, `${HEADER}${ROW(1)}`)
    const { json: run } = await complete(tenant, upload, [json])
    await tenant.context.drain()
    expect(await runOf(tenant, run.id)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    expect(await left(tenant)).toBe(0)
  })

  it('is refused by its first part when that is no table', async () => {
    const tenant = await createFileTenant()
    const { upload } = await open(tenant)
    expect((await part(tenant, upload, 1, '%PDF-1.7')).json).toMatchObject({ code: 'unreadable_file', reason: 'pdf' })
  })

  it('is refused at its end when it was no table after all, and leaves nothing behind', async () => {
    const tenant = await createFileTenant()
    const { upload } = await open(tenant)
    const { json } = await part(tenant, upload, 2, 'a,b\n1,2\n')
    expect((await complete(tenant, upload, [json])).json).toMatchObject({ code: 'unreadable_file' })
    expect(await left(tenant)).toBe(0)
  })

  it('takes no part that is larger than one, and no more parts than a file may have', async () => {
    const tenant = await createFileTenant({}, { IMPORT_BYTES_MAX: '9000000' })
    const { upload, partBytes, partsMax } = await open(tenant)
    expect(partsMax).toBe(2)
    expect((await part(tenant, upload, 1, new Uint8Array(partBytes + 1))).json.code).toBe('body_too_large')
    expect((await part(tenant, upload, 3, ROW(1))).json.code).toBe('body_too_large')
    const [first] = file(partBytes)
    const parts = [(await part(tenant, upload, 1, first)).json, (await part(tenant, upload, 2, first)).json]
    expect((await complete(tenant, upload, parts)).json.code).toBe('body_too_large')
    expect(await left(tenant)).toBe(0)
  })

  it('can be given up, and is not there any more then', async () => {
    const tenant = await createFileTenant()
    const { upload } = await open(tenant)
    const { json } = await part(tenant, upload, 1, `${HEADER}${ROW(1)}`)
    expect((await tenant.call('DELETE', `${tenant.path}/imports?upload=${encodeURIComponent(upload)}`)).status).toBe(
      204,
    )
    expect((await complete(tenant, upload, [json])).json).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'query.upload' }],
    })
    expect(await left(tenant)).toBe(0)
  })

  it('is nobody else’s, and of no other integration', async () => {
    const tenant = await createFileTenant()
    const { upload } = await open(tenant)
    const stranger = await createTenant(tenant.context)
    const query = `?upload=${encodeURIComponent(upload)}&part=1`
    expect(
      (await stranger.call('POST', `${tenant.path}/imports${query}`, ROW(1), { 'content-type': 'text/csv' })).status,
    ).toBe(404)
    const other = await createFileTenant()
    expect((await part(other, upload, 1, `${HEADER}${ROW(1)}`)).json).toMatchObject({ code: 'invalid_request' })
  })

  it.each([
    ['?part=1', 'query.part'],
    ['?upload=new&dryRun=true', 'query.dryRun'],
    ['?upload=x&part=1', 'query.upload'],
    ['?upload=x&part=0', 'query.part'],
    ['?surprise=1', 'query.surprise'],
  ])('with %s is refused', async (query, path) => {
    const tenant = await createFileTenant()
    const { status, json } = await send(tenant, `${HEADER}${ROW(1)}`, query)
    expect([status, json.errors[0].path]).toEqual([400, path])
  })

  it('is completed by a list of its parts and nothing else', async () => {
    const tenant = await createFileTenant()
    const { upload } = await open(tenant)
    for (const body of [{}, { parts: [] }, { parts: [{ part: 1 }] }, { parts: [{ part: 1, etag: 'x' }], more: 1 }]) {
      const { status, json } = await tenant.call(
        'POST',
        `${tenant.path}/imports?upload=${encodeURIComponent(upload)}`,
        body,
      )
      expect([status, json.code]).toEqual([400, 'invalid_request'])
    }
    for (const token of [upload, `${'-'.repeat(36)}.x`]) {
      expect((await complete(tenant, token, [{ part: 1, etag: 'x' }])).json.errors?.[0].path).toBe('query.upload')
    }
  })
})
