import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { CrmError } from '#lib/crm-error.ts'
import { failRun } from '#sync/fail-run.ts'
import { finishRun } from '#sync/finish-run.ts'
import { createFindings } from '#sync/run-issues.ts'
import { createFileTenant, importFile } from '#test/files.ts'
import { createWriter, query, take, transaction } from '#test/pages.ts'
import { deliverAll, listen, waitingFor } from '#test/receiver.ts'
import { caller, createSalonTenant, sync } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'
import { askUndo, fileOf, sales } from '#test/undo.ts'

const CHANGES = { types: ['transactions.changed'] }

describe('changes of sales', () => {
  it('are one event while they wait, from the first number to the last, and the next one begins behind it', async () => {
    const writer = await createWriter()
    const { salon } = writer
    const listening = await listen(salon, CHANGES)
    await writer.write([transaction('a'), transaction('b')])
    await writer.write([transaction('c')])
    const { json: first } = await salon.call('GET', `${salon.path}/changes?after=0`)
    const [from] = first.items
    const [joined, ...others] = await waitingFor(salon.context, listening)
    expect(others).toEqual([])
    expect(joined).toMatchObject({
      type: 'transactions.changed',
      data: { integrationId: salon.integrationId, fromSeq: from.changeSeq, toSeq: first.nextAfter },
    })
    expect(joined?.seconds).toBeGreaterThan(0)
    expect(joined?.seconds).toBeLessThanOrEqual(1)
    const [event] = await deliverAll(salon.context, listening)
    expect(event?.json).toMatchObject({ type: 'transactions.changed', data: joined?.data })
    await writer.write([transaction('d')])
    const [next] = await waitingFor(salon.context, listening)
    expect(next?.data.fromSeq).toBeGreaterThan(joined?.data.toSeq)
    const { json: rest } = await salon.call('GET', `${salon.path}/changes?after=${next?.data.fromSeq - 1}`)
    expect(rest.items.map(({ externalId }: { externalId: string }) => externalId)).toEqual(['d'])
  })

  it('are none where nothing changed, nobody listens or the page was not stored', async () => {
    const writer = await createWriter()
    const { salon } = writer
    const listening = await listen(salon, CHANGES)
    const deaf = await listen(salon, { types: ['run.finished'] })
    const off = await listen(salon, CHANGES)
    await salon.call('PATCH', off.path, { isEnabled: false })
    await writer.write([transaction('a')])
    await deliverAll(salon.context, listening)
    await writer.write([transaction('a')])
    await query(
      salon,
      sql`update crm_integrations set lease_epoch = lease_epoch + 1 where id = ${salon.integrationId}::uuid`,
    )
    expect(await writer.write([transaction('b')])).toBeNull()
    expect(await waitingFor(salon.context, listening)).toEqual([])
    for (const one of [deaf, off]) expect(await waitingFor(salon.context, one)).toEqual([])
  })

  it('of an undo are told like those of a page', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, fileOf(sales(3, 100)))
    const listening = await listen(tenant, CHANGES)
    await askUndo(tenant, id)
    await tenant.context.drain()
    const [{ data } = { data: null }] = await waitingFor(tenant.context, listening)
    const { json } = await tenant.call('GET', `${tenant.path}/changes?after=${data.fromSeq - 1}`)
    expect(json.items).toHaveLength(3)
    expect(json.nextAfter).toBe(data.toSeq)
  })
})

describe('what else happens', () => {
  it('a run that ends, however it does', async () => {
    const salon = await createSalonTenant()
    const listening = await listen(salon, { types: ['run.finished'] })
    const { id } = await sync(salon)
    await failRun(
      salon.context,
      { ...(await take(salon)), attempt: 3 },
      { isCommitted: false, findings: createFindings() },
      new CrmError('internal'),
    )
    const { json: queued } = await salon.call('POST', `${salon.path}/backfill`, { from: '2026-10-01T00:00:00Z' })
    await salon.call('POST', `${salon.path}/runs/${queued.id}/cancel`)
    const events = await waitingFor(salon.context, listening)
    expect(events.map(({ data }) => data)).toMatchObject([
      {
        integrationId: salon.integrationId,
        runId: id,
        task: 'pull',
        status: 'succeeded',
        counters: { quarantined: 0 },
      },
      { status: 'failed' },
      { runId: queued.id, status: 'cancelled' },
    ])
    await salon.call('DELETE', salon.path)
  })

  it('a connection that is tested, refused, stopped and switched on again', async () => {
    const salon = await createSalonTenant()
    const listening = await listen(salon, { types: ['connection.changed'] })
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    salon.sandbox.denied.add('licence')
    await sync(salon)
    salon.sandbox.denied.clear()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    await salon.call('PATCH', salon.path, { syncIntervalMinutes: 30 })
    await salon.call('PATCH', salon.path, { syncEnabled: false })
    const events = await waitingFor(salon.context, listening)
    expect(events.map(({ data: { status, stoppedBy } }) => [status, stoppedBy])).toEqual([
      ['ok', null],
      ['failed', 'vendor'],
      ['ok', null],
      ['ok', 'person'],
    ])
  })

  it('an issue, with its words in English and Russian, from its opening to its end', async () => {
    const salon = await createSalonTenant()
    const listening = await listen(salon, { types: ['issue.opened', 'issue.resolved'] })
    const brake = new CrmError('rejected', { reason: 'brake', params: { cancelled: '21' } })
    for (let times = 0; times < 2; times += 1) {
      await failRun(salon.context, await take(salon), { isCommitted: false, findings: createFindings() }, brake)
    }
    const [opened] = await deliverAll(salon.context, listening)
    const { json } = await salon.call('GET', `${salon.path}/issues`)
    expect(opened?.json).toMatchObject({ type: 'issue.opened', timestamp: json.items[0].since })
    const { lastSeenAt: _, count: __, ...issue } = json.items[0]
    expect(opened?.json.data).toMatchObject({ ...issue, count: 1, code: 'brake', businessId: salon.businessId })
    expect(opened?.json.data.translations.ru.title).toMatch(/слишком много/)
    await finishRun(salon.context, await take(salon), { status: 'succeeded' })
    const [resolved, ...others] = await deliverAll(salon.context, listening)
    expect(others).toEqual([])
    expect(resolved?.json).toMatchObject({ type: 'issue.resolved', data: { id: issue.id, count: 2 } })
    expect(resolved?.json.data.resolvedAt).not.toBeNull()
    await failRun(salon.context, await take(salon), { isCommitted: false, findings: createFindings() }, brake)
    await deliverAll(salon.context, listening)
    await salon.call('DELETE', salon.path)
    const [gone] = await deliverAll(salon.context, listening)
    expect(gone?.json).toMatchObject({ type: 'issue.resolved', data: { code: 'brake' } })
  })
})

describe('who hears of it', () => {
  it('is the business itself and who listens to all, and nobody else', async () => {
    const salon = await createSalonTenant()
    const other = await createSalonTenant()
    const admin = { call: caller(salon.context, await adminToken()) }
    const types = { types: ['connection.changed'] }
    const [own, foreign] = [await listen(salon, types), await listen(other, types)]
    const [ofAll, ofOther] = [
      await listen(admin, types),
      await listen(admin, { ...types, businessId: other.businessId }),
    ]
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const heard = async (one: { id: string }) =>
      (await waitingFor(salon.context, one)).map(({ data }) => data.integrationId)
    expect(await heard(own)).toEqual([salon.integrationId])
    expect(await heard(ofAll)).toContain(salon.integrationId)
    for (const one of [foreign, ofOther]) expect(await heard(one)).toEqual([])
    await admin.call('DELETE', ofAll.path)
  })
})
