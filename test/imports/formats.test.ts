// Formats: settings and answers for files with certain columns, kept under a name.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createFileTenant, type FileTenant, preview } from '#test/files.ts'
import { query } from '#test/pages.ts'
import { createSalonTenant, createTenant } from '#test/tenants.ts'

const TILL = { header: ['№', 'Сумма'], mapping: { amount: 'Сумма' }, dateOrder: 'mdy', answers: ['date_order:mdy'] }

const at = ({ path }: FileTenant, name: string) => `${path}/formats/${encodeURIComponent(name)}`
const put = async (tenant: FileTenant, name: string, format: unknown = TILL) =>
  tenant.call('PUT', at(tenant, name), format)

describe('a format', () => {
  it('is saved, replaced, read and deleted under its name', async () => {
    const tenant = await createFileTenant()
    const saved = await put(tenant, 'Касса 1/2 50%')
    expect([saved.status, saved.json]).toMatchObject([201, { name: 'Касса 1/2 50%', ...TILL }])
    expect((await tenant.call('GET', at(tenant, 'Касса 1/2 50%'))).json).toEqual(saved.json)
    const replaced = await put(tenant, 'Касса 1/2 50%', { decimal: '.' })
    expect([replaced.status, replaced.json]).toMatchObject([200, { header: [], answers: [], decimal: '.' }])
    expect(replaced.json).not.toHaveProperty('mapping')
    const deletions = [await tenant.call('DELETE', at(tenant, 'Касса 1/2 50%'))]
    deletions.push(await tenant.call('DELETE', at(tenant, 'Касса 1/2 50%')))
    expect(deletions.map(({ status }) => status)).toEqual([204, 404])
    expect((await tenant.call('GET', at(tenant, 'Касса 1/2 50%'))).json.code).toBe('not_found')
  })

  it('is listed, the one changed last first, by pages', async () => {
    const tenant = await createFileTenant()
    for (const name of ['a', 'b', 'c', 'a']) await put(tenant, name)
    const { json } = await tenant.call('GET', `${tenant.path}/formats?limit=2`)
    expect(json.items.map(({ name }: { name: string }) => name)).toEqual(['a', 'c'])
    const next = await tenant.call('GET', `${tenant.path}/formats?limit=2&cursor=${json.nextCursor}`)
    expect([next.json.items, next.json.nextCursor]).toMatchObject([[{ name: 'b' }], null])
    const hostile = btoa(JSON.stringify(['2026-01-01 00:00:00+00', '\0']))
    expect((await tenant.call('GET', `${tenant.path}/formats?cursor=${hostile}`)).json.errors[0].path).toBe(
      'query.cursor',
    )
  })

  it('neither tests the connection nor switches sync off', async () => {
    const tenant = await createFileTenant()
    expect((await tenant.call('PATCH', tenant.path, { syncEnabled: true })).status).toBe(200)
    const { headers, json } = await tenant.call('GET', tenant.path)
    await put(tenant, 'till')
    const after = await tenant.call('GET', tenant.path)
    expect(after.json).toEqual(json)
    expect([after.json.syncEnabled, after.headers.get('etag')]).toEqual([true, headers.get('etag')])
  })

  it('has a name of 1 to 100 characters and holds settings of files, and nothing else', async () => {
    const tenant = await createFileTenant()
    for (const name of ['x'.repeat(101), 'a\nb', 'a\u0000b', '\u007f']) {
      const answers = [await put(tenant, name), await tenant.call('GET', at(tenant, name))]
      for (const { status, json } of answers) expect([status, json.errors[0].path]).toEqual([400, 'path.name'])
    }
    for (const [format, path] of [
      [{ surprise: 1 }, 'surprise'],
      [{ dateOrder: 'ymd' }, 'dateOrder'],
      [{ mapping: { sum: 'x' } }, 'mapping.sum'],
      [{ answers: 'date_order:mdy' }, 'answers'],
      [{ header: [1] }, 'header.0'],
    ] as const) {
      const { status, json } = await put(tenant, 'till', format)
      expect([status, json.errors[0].path]).toEqual([400, path])
    }
  })

  it('is one of fifty at most, and goes with its integration', async () => {
    const tenant = await createFileTenant()
    await tenant.context.db.execute(sql`
      insert into import_formats (integration_id, name, header, settings, answers)
      select ${tenant.integrationId}::uuid, 'f' || n, '[]', '{}', '[]' from generate_series(1, 49) n`)
    expect([(await put(tenant, 'a')).status, (await put(tenant, 'b')).json.code]).toEqual([201, 'too_many_formats'])
    expect((await put(tenant, 'f7')).status).toBe(200)
    await tenant.call('DELETE', tenant.path)
    const count = sql`select count(*)::int as left from import_formats where integration_id = ${tenant.integrationId}::uuid`
    expect(await query(tenant as never, count)).toEqual([{ left: 0 }])
  })

  it('adds to what is known of a common export', async () => {
    const tenant = await createFileTenant()
    const header = 'Дата;Касса;Статья;Контрагент;Сумма'
    const rows = ['Оказание услуг;;1000', 'Аренда;;-5000', 'Массаж;;700'].map((row) => `02.03.2026;Основная;${row}`)
    const file = [header, ...rows].join('\n')
    const { doubts } = await preview(tenant, file)
    expect(doubts).toMatchObject([{ code: 'words_unknown', message: expect.stringContaining('Массаж') }])
    const choice = doubts[0].choices.find(({ id }: { id: string }) => id.endsWith(':sale'))
    await put(tenant, 'салон', { header: header.split(';'), answers: [choice.id] })
    const { doubts: open, format, totals } = await preview(tenant, file)
    expect([open, format, totals]).toMatchObject([
      [],
      'салон',
      { sales: 2, amounts: [{ amountMinor: choice.totalMinor }] },
    ])
  })

  it('is small: all of them are read with every file', async () => {
    const tenant = await createFileTenant()
    const header = Array.from({ length: 70 }, (_, n) => `${n}${'x'.repeat(990)}`)
    expect((await put(tenant, 'wide', { header })).json.code).toBe('body_too_large')
    expect((await put(tenant, 'wide', { header: header.slice(10) })).status).toBe(201)
  })

  it('is nobody else’s, and of no integration without files', async () => {
    const tenant = await createFileTenant()
    await put(tenant, 'till')
    const stranger = await createTenant(tenant.context)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status } = await stranger.call(method, at(tenant, 'till'), method === 'PUT' ? TILL : undefined)
      expect(status).toBe(404)
    }
    const salon = await createSalonTenant()
    const { status, json } = await salon.call('GET', `${salon.path}/formats`)
    expect([status, json.detail]).toEqual([400, expect.stringContaining('takes no files')])
  })
})
