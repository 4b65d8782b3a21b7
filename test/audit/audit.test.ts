import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { finishRun } from '#sync/finish-run.ts'
import { createWriter, query } from '#test/pages.ts'
import { caller, createSalonTenant, type Salon } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

const linesOf = async (salon: Salon) =>
  query(
    salon,
    sql`select actor_subject as subject, actor_scope as scope, action, changes, request_id as "requestId"
      from audit where integration_id = ${salon.integrationId}::uuid order by at`,
  )

describe('a line of the audit', () => {
  it('says who, by what right and which fields, and never a value', async () => {
    const salon = await createSalonTenant()
    const { apiKey } = salon.sandbox.credentials
    const change = { syncIntervalMinutes: 7, credentials: { apiKey } }
    const { headers } = await salon.call('PATCH', salon.path, change)
    const admin = caller(salon.context, await adminToken())
    const page = await admin('GET', `/v1/admin/audit?integrationId=${salon.integrationId}&action=integration.changed`)
    expect(page.json.items[0]).toMatchObject({
      ...{ actor: { subject: 'somebody', scope: 'integrations:write' }, businessId: salon.businessId },
      ...{ changes: ['credentials.apiKey', 'syncIntervalMinutes'], requestId: headers.get('x-request-id') },
    })
    expect(page.text).not.toContain(apiKey)
    const byAdmin = await admin('DELETE', salon.path)
    const after = await admin('GET', `/v1/admin/audit?businessId=${salon.businessId}&limit=1`)
    expect(after.json.items[0]).toMatchObject({
      ...{ actor: { scope: 'admin' }, action: 'integration.deleted', integrationId: salon.integrationId },
      requestId: byAdmin.headers.get('x-request-id'),
    })
    expect((await salon.call('GET', '/v1/admin/audit')).status).toBe(403)
  })

  it('is there for what nobody asked for', async () => {
    const { salon, run } = await createWriter()
    const error = { kind: 'auth', reason: null, params: {}, message: 'no', messageRu: 'нет' } as const
    expect(await finishRun(salon.context, run, { status: 'failed', error, turnsSyncOff: true })).toBe('ended')
    const line = (await linesOf(salon)).find(({ action }) => action === 'integration.disabled')
    expect(line).toMatchObject({ subject: 'service', scope: 'system', changes: ['syncEnabled'], requestId: null })
  })

  it('is not there when the change fails', async () => {
    const salon = await createSalonTenant()
    const before = await linesOf(salon)
    salon.context.databaseFaults.push('unsent')
    expect((await salon.call('PATCH', salon.path, { syncIntervalMinutes: 9 })).status).toBe(503)
    expect((await salon.call('PATCH', salon.path, { syncIntervalMinutes: 0 })).status).toBe(400)
    expect(await linesOf(salon)).toEqual(before)
  })

  it('is there for a change that was made, once, and names its request', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const cancel = async () => salon.call('POST', `${salon.path}/runs/${json.id}/cancel`)
    const answers = [await cancel(), await cancel()]
    expect(answers.map(({ status }) => status)).toEqual([202, 202])
    const lines = await linesOf(salon)
    expect(lines.filter(({ action }) => action === 'run.cancelled')).toEqual([
      {
        ...{ subject: 'somebody', scope: 'integrations:write', action: 'run.cancelled', changes: [] },
        requestId: answers[0]?.headers.get('x-request-id'),
      },
    ])
  })
})
