// Finding 7: nothing bounded how many tests, consents, uploads and streams a tenant has under way.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { abortOldUploads } from '#connections/open-uploads.ts'
import { fileKey } from '#connections/file-store.ts'
import { disconnectQuery } from '#sandbox/amo_crm/consent.ts'
import { createConsented, createUndecided } from '#test/amo.ts'
import { createFileTenant, uploadsOf } from '#test/files.ts'
import { createWriter } from '#test/pages.ts'
import { createSalonTenant, request, type Salon } from '#test/tenants.ts'
import { token } from '#test/tokens.ts'

describe('connection tests', () => {
  const WAIT = /^([1-9]|[1-5]\d|60)$/

  it('reach the vendor ten times a minute, however many are asked for at once', async () => {
    const { call, path, context } = await createSalonTenant()
    const answers = await Promise.all(Array.from({ length: 100 }, async () => call('POST', `${path}/test`)))
    const refused = answers.filter(({ status }) => status === 429)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    expect(refused).toHaveLength(90)
    expect(refused[0]?.json.code).toBe('too_many_requests')
    expect(refused.every(({ headers }) => WAIT.test(headers.get('retry-after') ?? ''))).toBe(true)
    expect(context.logged.filter((line) => line.includes('"connection_tested"'))).toHaveLength(10)
  })

  it('of a PATCH count too, and what needs no test still works', async () => {
    const { call, path, context } = await createSalonTenant()
    await Promise.all(Array.from({ length: 9 }, async () => call('POST', `${path}/test`)))
    const settings = { additionalConfig: { ...(await call('GET', path)).json.additionalConfig, initialDays: 20 } }
    expect((await call('PATCH', path, { ...settings, syncEnabled: true })).status).toBe(200)
    const again = await call('PATCH', path, {
      additionalConfig: { ...settings.additionalConfig, initialDays: 21 },
      syncEnabled: true,
    })
    expect([again.status, again.headers.get('retry-after')]).toEqual([429, expect.stringMatching(WAIT)])
    expect((await call('GET', path)).json.additionalConfig.initialDays).toBe(20)
    expect((await call('PATCH', path, { syncIntervalMinutes: 30 })).status).toBe(200)
    expect((await (await createSalonTenant()).call('POST', `${path}/test`)).status).toBe(404)
    expect(context.logged.filter((line) => line.includes('"connection_tested"'))).toHaveLength(10)
  })

  it('go on one by one as each of the last ten becomes a minute old', async () => {
    const salon = await createSalonTenant()
    const ages = Array.from({ length: 10 }, (_, n) => `now() - interval '${15 + n * 5} seconds'`).join(',')
    await salon.context.db.execute(sql`
      update businesses set tested_at = array[${sql.raw(ages)}] where id = ${salon.businessId}::uuid`)
    const times = async () => (await salon.call('POST', `${salon.path}/test`)).status
    expect([await times(), await times()]).toEqual([200, 429])
  })

  it('are not asked for by a notice of disconnection that is replayed', async () => {
    const tenant = await createConsented()
    await tenant.context.db.execute(sql`
      update businesses set tested_at = array_fill(now(), array[10]) where id = ${tenant.businessId}::uuid`)
    const notice = new URLSearchParams(await disconnectQuery(tenant.sandbox.consent.app, tenant.sandbox.accountId))
    expect((await request(tenant.context, `/v1/oauth/amo_crm/disconnect?${notice.toString()}`)).status).toBe(200)
    expect(tenant.sandbox.requests).toEqual([])
  })
})

describe('consents under way', () => {
  it('are fifty for a business at most', async () => {
    const tenant = await createUndecided()
    const asked = Array.from({ length: 60 }, async () => tenant.call('GET', '/v1/oauth/amo_crm/authorize'))
    const answers = await Promise.all(asked)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(50)
    const refused = answers.find(({ status }) => status === 429)
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await request(tenant.context, '/v1/oauth/amo_crm/callback?code=1&referer=a.amocrm.ru')).status).toBe(400)
  })

  it('are looked for in the database for no state that somebody made up', async () => {
    const tenant = await createUndecided()
    const state = new URL((await tenant.call('GET', '/v1/oauth/amo_crm/authorize')).json.url).searchParams.get('state')
    const before = tenant.context.roundTrips()
    for (const made of ['a'.repeat(43), (state ?? '').replace(/.$/, (last) => (last === 'Q' ? 'g' : 'Q'))]) {
      const query = new URLSearchParams({ code: 'x', referer: 'a.amocrm.ru', state: made })
      expect((await request(tenant.context, `/v1/oauth/amo_crm/callback?${query.toString()}`)).status).toBe(400)
    }
    expect(tenant.context.roundTrips()).toBe(before)
  })
})

describe('uploads in parts', () => {
  it('are twenty for an integration at most, until one is completed, aborted or a day old', async () => {
    const tenant = await createFileTenant()
    const { open, part, complete, abort } = uploadsOf(tenant)
    const opened = await Promise.all(Array.from({ length: 25 }, open))
    const uploads = opened.flatMap(({ status, json }) => (status === 201 ? [json.id] : []))
    expect(uploads).toHaveLength(20)
    expect(opened.find(({ status }) => status === 429)?.json.code).toBe('too_many_requests')
    expect((await abort(uploads[0])).status).toBe(204)
    expect([(await open()).status, (await open()).status]).toEqual([201, 429])
    const { json } = await part(uploads[1], 1, 'id;Дата;Сумма\n1;02.03.2024 10:00;5\n')
    const completed = await complete(uploads[1], [json])
    expect([completed.status, (await open()).status, (await open()).status]).toEqual([202, 201, 429])
    await tenant.context.db.execute(sql`
      update open_uploads set opened_at = now() - interval '25 hours' where integration_id = ${tenant.integrationId}::uuid`)
    expect((await open()).status).toBe(201)
    expect(await abortOldUploads(tenant.context)).toBeGreaterThanOrEqual(20)
    expect((await part(uploads[2], 2, 'a;b\n')).status).toBe(404)
  })

  it('end with their integration', async () => {
    const tenant = await createFileTenant()
    const { id } = (await uploadsOf(tenant).open()).json
    const [row] = (
      await tenant.context.db.execute<{ upload_id: string }>(sql`
        select upload_id from open_uploads where file_id = ${id}::uuid`)
    ).rows
    expect((await tenant.call('DELETE', tenant.path)).status).toBe(204)
    const gone = tenant.context.files.resumeMultipartUpload(fileKey(tenant.integrationId, id), row?.upload_id ?? '')
    await expect(gone.uploadPart(1, 'a')).rejects.toThrow()
  })
})

describe('the events of a run', () => {
  async function opened(salon: Salon, runId: string, seconds = 600, signal = new AbortController().signal) {
    const exp = Math.floor(Date.now() / 1000) + seconds
    const headers = { authorization: `Bearer ${await token({ business_id: salon.businessId, exp })}` }
    const url = `https://api.example.com${salon.path}/runs/${runId}/events`
    return salon.context.app.fetch(new Request(url, { headers, signal }))
  }

  it('are sent in ten streams to a subject, and to others meanwhile', async () => {
    const { salon, run } = await createWriter()
    const streams = await Promise.all(Array.from({ length: 11 }, async () => opened(salon, run.id)))
    expect(streams.filter(({ status }) => status === 200)).toHaveLength(10)
    const other = await token({ business_id: salon.businessId, sub: 'other' })
    const theirs = await request(salon.context, '/v1/crm-types', { headers: { authorization: `Bearer ${other}` } })
    expect(theirs.status).toBe(200)
    await streams.find(({ status }) => status === 200)?.body?.cancel()
    const next = await opened(salon, run.id)
    expect(next.status).toBe(200)
    for (const { body } of [...streams, next]) if (!body?.locked) await body?.cancel()
  })

  it('do not count when nobody has taken any for a while', async () => {
    const { salon, run } = await createWriter()
    const head = async () => {
      const headers = { authorization: `Bearer ${await token({ business_id: salon.businessId })}` }
      const url = `https://api.example.com${salon.path}/runs/${run.id}/events`
      return salon.context.app.fetch(new Request(url, { method: 'HEAD', headers }))
    }
    await Promise.all(Array.from({ length: 10 }, head))
    expect((await opened(salon, run.id)).status).toBe(429)
    salon.context.clock.advance(16_000)
    expect((await opened(salon, run.id)).status).toBe(200)
  })

  it('end when the token does', async () => {
    const { salon, run } = await createWriter()
    const before = salon.context.clock.now().getTime()
    const text = await (await opened(salon, run.id, 30)).text()
    expect(text).toContain('event: run')
    // Only a write shows the runtime that a reader has gone.
    // Some 25 in 30 s, fewer where each takes longer.
    expect(text.match(/: heartbeat/g)?.length).toBeGreaterThan(5)
    expect(salon.context.clock.now().getTime() - before).toBeLessThan(35_000)
  })

  it('end when the reader goes, and the database is asked no more', async () => {
    const { salon, run } = await createWriter()
    const reader = new AbortController()
    const response = await opened(salon, run.id, 600, reader.signal)
    reader.abort()
    const before = salon.context.roundTrips()
    // The runtime may still take what is sent.
    expect(await response.text()).toContain('retry:')
    expect(salon.context.roundTrips() - before).toBeLessThanOrEqual(1)
  })
})
