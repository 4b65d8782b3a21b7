// An undo takes back what one import brought, and nothing that came after it.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { cleanUp } from '#jobs/clean-up.ts'
import { sweepRuns } from '#jobs/cron.ts'
import { runSlice } from '#sync/run-slice.ts'
import { writeRecords } from '#transactions/write-records.ts'
import { createFileTenant, errorsOf, type FileTenant, importFile, send } from '#test/files.ts'
import { runOf, transaction } from '#test/pages.ts'
import { allTransactions } from '#test/tenants.ts'
import { askUndo, fileOf, previewOf, sales, undo } from '#test/undo.ts'

const integrationOf = async (tenant: FileTenant) => (await tenant.call('GET', tenant.path)).json

/** Id, status and whole units of each sale. */
async function stored(tenant: FileTenant) {
  const items = await allTransactions(tenant)
  return items.map(({ externalId, status, amountMinor }) => `${externalId} ${status} ${Math.floor(amountMinor / 100)}`)
}

const statuses = async (tenant: FileTenant) => [...new Set((await allTransactions(tenant)).map(({ status }) => status))]

/** Changes a sale as a hook would. */
async function edit({ context, integrationId }: FileTenant, externalId: string, amountMinor: number) {
  const records = [transaction(externalId, { amountMinor, sourceUpdatedAt: null })]
  const write = { integrationId, settingsEpoch: 1, snapshotSeq: 1_000_000, records, canRecheck: false }
  expect(await writeRecords(context, write)).toMatchObject({ inserted: 0, updated: 1 })
}

async function age({ context, integrationId }: FileTenant, days: number) {
  const by = sql`${days} * interval '1 day'`
  const of = sql`where integration_id = ${integrationId}::uuid`
  await context.db.execute(sql`update sync_runs set created_at = created_at - ${by} ${of}`)
  await context.db.execute(sql`update crm_transactions set created_at = created_at - ${by} ${of}`)
  await context.db.execute(sql`update transaction_changes set at = at - ${by} ${of}`)
}

describe('an undo', () => {
  it('cancels what the import added, restores what it changed, and keeps what was changed since', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, fileOf([{ id: 1, sum: 10, client: 'Анна' }, ...sales(2, 10, 2)]))
    const before = await allTransactions(tenant)
    const { id } = await importFile(tenant, fileOf([{ id: 1, sum: 20, client: 'Пётр' }, ...sales(4, 20, 2)]))
    await edit(tenant, 'N-3', 7700)
    await edit(tenant, 'N-5', 7700)
    const { changeSeq: seq } = (await allTransactions(tenant)).find(({ externalId }) => externalId === 'N-5')
    const told = await previewOf(tenant, id)
    expect(told).toEqual({
      ...{ cancelled: 1, restored: 2, kept: 2 },
      paidChange: [{ currency: 'RUB', amountMinor: -2050 - 2000 }],
    })
    expect(await undo(tenant, id)).toMatchObject({
      ...{ task: 'undo', trigger: 'import', status: 'succeeded', progress: { done: 5, total: 5 } },
      counters: { fetched: 5, inserted: 0, updated: 3, unchanged: 2 },
    })
    expect(await stored(tenant)).toEqual([
      'N-1 paid 10',
      'N-2 paid 10',
      'N-3 paid 77',
      'N-4 cancelled 20',
      'N-5 paid 77',
    ])
    const after = await allTransactions(tenant)
    const content = (sale: object) => ({ ...sale, changeSeq: 0, updatedAt: '' })
    expect(after.slice(0, 2).map(content)).toEqual(before.slice(0, 2).map(content))
    const { json: feed } = await tenant.call('GET', `${tenant.path}/changes?after=${seq}`)
    expect(feed.items.map((item: { externalId: string }) => item.externalId).toSorted()).toEqual(['N-1', 'N-2', 'N-4'])
  })

  it('is in the history of each sale', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, fileOf(sales(1, 10)))
    const undone = await undo(tenant, id)
    const [sale] = await allTransactions(tenant)
    const { json } = await tenant.call('GET', `${tenant.path}/transactions/${sale.id}/history`)
    expect(json.items).toMatchObject([
      {
        source: 'undo',
        runId: undone.id,
        before: { status: 'paid' },
        after: { status: 'cancelled', amountMinor: 1050 },
      },
    ])
  })

  it('moves no statistics, status or connection', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, fileOf(sales(30, 10)))
    const before = await integrationOf(tenant)
    await undo(tenant, id)
    const cancelled = (await importFile(tenant, fileOf(sales(30, 10)))).id
    const between = await integrationOf(tenant)
    const { json } = await askUndo(tenant, cancelled)
    await tenant.call('POST', `${tenant.path}/runs/${json.id}/cancel`)
    expect({ ...between, ...(await integrationOf(tenant)) }).toEqual(between)
    expect(between).toMatchObject({
      totalSyncs: before.totalSyncs + 1,
      transactionsSynced: before.transactionsSynced + 30,
      lastSyncStatus: 'success',
    })
  })

  it('lets the same file be imported again, as often as one likes', async () => {
    const tenant = await createFileTenant()
    const file = fileOf(sales(100, 10))
    let { id } = await importFile(tenant, file)
    for (let times = 1; times <= 2; times += 1) {
      expect(await undo(tenant, id)).toMatchObject({ status: 'succeeded', counters: { updated: 100 } })
      expect(await statuses(tenant)).toEqual(['cancelled'])
      const seq = Math.max(...(await allTransactions(tenant)).map(({ changeSeq }) => changeSeq))
      const again = await importFile(tenant, file)
      expect(again).toMatchObject({ status: 'succeeded', counters: { updated: 100 }, needsConfirmation: false })
      expect(await statuses(tenant)).toEqual(['paid'])
      expect(Math.min(...(await allTransactions(tenant)).map(({ changeSeq }) => changeSeq))).toBeGreaterThan(seq)
      ;({ id } = again)
    }
  })

  it('of the earlier of two imports leaves what the later changed, and that one’s undo gives it back', async () => {
    const tenant = await createFileTenant()
    const a = await importFile(tenant, fileOf(sales(3, 10)))
    const b = await importFile(tenant, fileOf(sales(3, 20, 2)))
    expect(await undo(tenant, a.id)).toMatchObject({ counters: { updated: 1, unchanged: 2 } })
    expect(await stored(tenant)).toEqual(['N-1 cancelled 10', 'N-2 paid 20', 'N-3 paid 20', 'N-4 paid 20'])
    expect((await askUndo(tenant, a.id)).json).toMatchObject({ code: 'not_undoable', reason: 'already_undone' })
    await undo(tenant, b.id)
    expect(await stored(tenant)).toEqual(['N-1 cancelled 10', 'N-2 paid 10', 'N-3 paid 10', 'N-4 cancelled 20'])
    // What has come back of the first import can be taken back now.
    expect(await previewOf(tenant, a.id)).toMatchObject({ cancelled: 2, restored: 0, kept: 0 })
    await undo(tenant, a.id)
    expect(await statuses(tenant)).toEqual(['cancelled'])
    expect((await askUndo(tenant, a.id)).status).toBe(409)
  })

  it('of two imports, the later one first, leaves nothing', async () => {
    const tenant = await createFileTenant()
    const a = await importFile(tenant, fileOf(sales(3, 10)))
    const b = await importFile(tenant, fileOf(sales(3, 20, 2)))
    await undo(tenant, b.id)
    expect(await undo(tenant, a.id)).toMatchObject({ counters: { updated: 3, unchanged: 0 } })
    expect(await statuses(tenant)).toEqual(['cancelled'])
  })

  it('takes back all of an import that the brake stopped and a person confirmed', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, fileOf(sales(100, 10)))
    const before = await stored(tenant)
    // Its first page of a thousand rows is new, the second changes what is stored.
    const added = sales(1000, 5, 1000).map((row) => ({ ...row, day: '03.03.2024' }))
    const stopped = await importFile(tenant, fileOf([...added, ...sales(100, 20)]))
    expect(stopped).toMatchObject({ needsConfirmation: true, counters: { inserted: 1000 } })
    const { json } = await tenant.call('POST', `${tenant.path}/runs/${stopped.id}/confirm`)
    await tenant.context.drain()
    expect(await previewOf(tenant, stopped.id)).toEqual(await previewOf(tenant, json.id))
    await undo(tenant, json.id)
    expect((await stored(tenant)).filter((line) => !line.includes('cancelled'))).toEqual(before)
    expect((await askUndo(tenant, stopped.id)).json).toMatchObject({ reason: 'already_undone' })
  })

  it('settles what the brake stopped: nothing of that file is asked for any more', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, fileOf(sales(100, 10)))
    const stopped = await importFile(tenant, fileOf(sales(100, 20)))
    const issues = async () => (await tenant.call('GET', `${tenant.path}/issues?open=true`)).json
    await undo(tenant, stopped.id)
    expect(await runOf(tenant, stopped.id)).toMatchObject({ needsConfirmation: false })
    expect(JSON.stringify(await issues())).not.toContain('brake')
  })

  it('leaves the rejected rows to be downloaded', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, `${fileOf(sales(3, 10))}N-9;нет;1;оплачен;Анна\n`)
    await undo(tenant, id)
    expect(await errorsOf(tenant, id)).toMatchObject([{ line: 5 }])
  })

  it('goes on when the settings change', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, fileOf(sales(3, 10)))
    const { json } = await askUndo(tenant, id)
    await tenant.call('PATCH', tenant.path, { additionalConfig: { currency: 'KZT' } })
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({ status: 'succeeded', counters: { updated: 3 } })
  })
})

describe('an undo that is killed', () => {
  async function dies({ context, integrationId }: FileTenant): Promise<void> {
    await context.db.execute(sql`
      update crm_integrations set lease_until = now() - interval '1 second'
      where id = ${integrationId}::uuid and lease_run_id is not null`)
    await sweepRuns(context)
    context.messages.length = 0
  }

  it.each(['unsent', 'unanswered'] as const)(
    'at every step, its statements %s, ends as one that is not',
    async (fault) => {
      const tenant = await createFileTenant()
      const { context } = tenant
      await importFile(tenant, fileOf(sales(300, 10)))
      const { id } = await importFile(tenant, fileOf([...sales(50, 20), ...sales(1200, 30, 2000)]))
      const told = await previewOf(tenant, id)
      expect(told).toMatchObject({ cancelled: 1200, restored: 50, kept: 0 })
      const { json } = await askUndo(tenant, id)
      context.messages.length = 0
      let deaths = 0
      for (let passes = 1; (await runOf(tenant, json.id)).finishedAt === null; passes += 1) {
        context.databaseFaults.push(...Array.from({ length: passes % 4 }, () => 'none' as const))
        context.databaseFaults.push(...Array.from({ length: 12 }, () => fault))
        await runSlice(context, json.id).catch(() => undefined)
        context.databaseFaults.length = 0
        if ((await runOf(tenant, json.id)).finishedAt === null) await dies(tenant)
        deaths = passes
        await context.db.execute(sql`update sync_runs set attempt = 0, deaths = 0 where id = ${json.id}::uuid`)
      }
      expect(deaths).toBeGreaterThan(1)
      expect(await runOf(tenant, json.id)).toMatchObject({
        ...{ status: 'succeeded', progress: { done: 1250, total: 1250 } },
        counters: { fetched: 1250, updated: 1250, unchanged: 0 },
      })
      const all = await allTransactions(tenant)
      expect(all.filter(({ status }) => status === 'paid').map(({ amountMinor }) => amountMinor)).toEqual(
        Array.from({ length: 300 }, () => 1050),
      )
      expect(new Set(all.map(({ changeSeq }) => changeSeq)).size).toBe(1500)
      const [history] = (
        await context.db.execute(sql`
        select count(*)::int as changes, count(distinct transaction_id)::int as sales from transaction_changes
        where run_id = ${json.id}::uuid`)
      ).rows
      expect(history).toEqual({ changes: 1250, sales: 1250 })
    },
  )

  it('or cancelled keeps whole steps, and the next one does the rest', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, fileOf(sales(1500, 10)))
    const { json } = await askUndo(tenant, id)
    tenant.context.messages.length = 0
    // The run is taken and one step is written; then nothing gets through any more.
    tenant.context.databaseFaults.push('none', 'none', ...Array.from({ length: 9 }, () => 'unsent' as const))
    await runSlice(tenant.context, json.id).catch(() => undefined)
    tenant.context.databaseFaults.length = 0
    await tenant.call('POST', `${tenant.path}/runs/${json.id}/cancel`)
    expect(await runOf(tenant, json.id)).toMatchObject({ status: 'cancelled', counters: { updated: 1000 } })
    expect(await previewOf(tenant, id)).toMatchObject({ cancelled: 500, kept: 0 })
    expect(await undo(tenant, id)).toMatchObject({ status: 'succeeded', counters: { fetched: 500, updated: 500 } })
    expect(await statuses(tenant)).toEqual(['cancelled'])
  })
})

describe('an undo is refused', () => {
  const reasonOf = async (tenant: FileTenant, runId: string) => {
    const { status, json } = await askUndo(tenant, runId)
    return [status, json.code, json.reason]
  }

  it('of a run that is no import, while the file is imported, and twice', async () => {
    const tenant = await createFileTenant()
    const { json: pull } = await tenant.call('POST', `${tenant.path}/sync`)
    await tenant.context.drain()
    expect(await reasonOf(tenant, pull.id)).toEqual([409, 'not_undoable', 'no_import'])
    const { json: imported } = await send(tenant, fileOf(sales(3, 10)))
    expect(await reasonOf(tenant, imported.id)).toEqual([409, 'not_undoable', 'still_running'])
    await tenant.context.drain()
    const first = (await askUndo(tenant, imported.id)).json
    const second = await askUndo(tenant, imported.id)
    expect([second.status, second.json.id]).toEqual([202, first.id])
    await tenant.context.drain()
    expect(await reasonOf(tenant, imported.id)).toEqual([409, 'not_undoable', 'already_undone'])
    expect(await reasonOf(tenant, first.id)).toEqual([409, 'not_undoable', 'no_import'])
    expect((await askUndo(tenant, crypto.randomUUID())).status).toBe(404)
    const { json } = await askUndo(tenant, imported.id, '?dryRun=true', { 'accept-language': 'ru' })
    expect(json.detail).toMatch(/^Эта загрузка уже отменена/)
  })

  it('after ninety days, up to which the clean-up leaves what it needs', async () => {
    const tenant = await createFileTenant({}, { RETENTION_RUNS_DAYS: '1', RETENTION_CHANGES_DAYS: '1' })
    await importFile(tenant, fileOf(sales(2, 10)))
    const { id } = await importFile(tenant, fileOf(sales(3, 20)))
    await age(tenant, 89)
    await tenant.call('POST', `${tenant.path}/sync`)
    await tenant.context.drain()
    await cleanUp(tenant.context)
    expect(await previewOf(tenant, id)).toMatchObject({ cancelled: 1, restored: 2, kept: 0 })
    await age(tenant, 2)
    expect(await reasonOf(tenant, id)).toEqual([409, 'not_undoable', 'too_old'])
    await age(tenant, 7)
    await tenant.call('POST', `${tenant.path}/sync`)
    await tenant.context.drain()
    await cleanUp(tenant.context)
    expect(await reasonOf(tenant, id)).toEqual([404, 'not_found', undefined])
  })
})
