// Sales that outlive their integration: `DELETE ?keep=transactions`, and what takes them up again.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { seeded } from '#sandbox/faults.ts'
import { continueRemovals } from '#integrations/remove-rows.ts'
import { runSlice } from '#sync/run-slice.ts'
import { writeRecords } from '#transactions/write-records.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { importFile } from '#test/files.ts'
import { paidVisit, post, visitEvent } from '#test/hooks.ts'
import { createWriter, query, take, transaction } from '#test/pages.ts'
import {
  allTransactions,
  caller,
  type Connected,
  createSalonTenant,
  createTenant,
  type Salon,
  sync,
} from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'
import { fileOf, sales } from '#test/undo.ts'

const ofBusiness = ({ call, businessId }: Connected) => ({ call, path: `/v1/businesses/${businessId}` })

async function keep({ call, path }: Connected): Promise<void> {
  expect((await call('DELETE', `${path}?keep=transactions`)).status).toBe(204)
}

async function create<T extends Connected>(tenant: T, integration: unknown): Promise<T> {
  const { status, text, json } = await tenant.call('POST', '/v1/integrations', integration)
  if (status !== 201) throw new Error(text)
  return { ...tenant, integrationId: json.id, path: `/v1/integrations/${json.id}` }
}

const connectionOf = ({ sandbox }: Salon) => ({
  ...sandbox.connection,
  apiUrl: SANDBOX_URL,
  additionalConfig: { ...sandbox.connection.additionalConfig, initialDays: 35 },
})

const toCsv = async (salon: Salon) => create(salon, { crmType: 'csv' })
const comeBack = async (salon: Salon) => create(salon, connectionOf(salon))

async function count(salon: Salon, table: string): Promise<number> {
  const [row] = await query(
    salon,
    sql`select count(*)::int as n from ${sql.identifier(table)} where integration_id = ${salon.integrationId}::uuid`,
  )
  return Number(row?.['n'])
}

describe('a deletion that keeps the sales', () => {
  it('leaves them and their history, and nothing else', async () => {
    const writer = await createWriter()
    const { salon } = writer
    await writer.write([transaction('a'), transaction('b')])
    await writer.write([transaction('a', { amountMinor: 1, sourceUpdatedAt: '2026-11-02T10:00:00Z' })])
    await writer.write([{ type: 'unmapped', externalId: 'x', reason: 'no date', raw: { phone: '+79001234567' } }])
    await post(salon, visitEvent(1))
    const before = await allTransactions(salon)
    await keep(salon)
    for (const path of ['', '/transactions', '/changes', '/transactions/export', '/runs', '/quarantine']) {
      expect((await salon.call('GET', `${salon.path}${path}`)).status).toBe(404)
    }
    expect((await salon.call('DELETE', `${salon.path}?keep=transactions`)).status).toBe(404)
    expect(await allTransactions(ofBusiness(salon))).toEqual(before)
    for (const table of ['sync_runs', 'webhook_deliveries', 'quarantined_records'])
      expect(await count(salon, table)).toBe(0)
    expect([await count(salon, 'transaction_feed'), await count(salon, 'transaction_changes')]).toEqual([2, 1])
  })

  it('shows them to their business alone, with the filters of a list', async () => {
    const writer = await createWriter()
    const { salon } = writer
    const olga = { externalId: '8', name: 'Ольга', phone: '+79007654321', email: null, card: null }
    await writer.write([transaction('a'), transaction('b', { occurredAt: '2026-11-03T10:00:00Z', customer: olga })])
    await keep(salon)
    const path = `/v1/businesses/${salon.businessId}/transactions`
    const ids = async (search: string) =>
      (await salon.call('GET', path + search)).json.items.map(({ externalId }: { externalId: string }) => externalId)
    expect(await ids('')).toEqual(['b', 'a'])
    expect(await ids('?from=2026-11-03&to=2026-11-03')).toEqual(['b'])
    expect([await ids('?customerPhone=89007654321'), await ids('?q=ольга'), await ids('?externalId=a')]).toEqual([
      ...[['b'], ['b'], ['a']],
    ])
    const stranger = await createTenant(salon.context)
    for (const search of ['', '?from=2026-11-03']) {
      expect((await stranger.call('GET', path + search)).json.code).toBe('not_found')
    }
    const admin = caller(salon.context, await adminToken())
    expect((await admin('GET', path)).json.items).toHaveLength(2)
    expect((await admin('GET', `/v1/businesses/${crypto.randomUUID()}/transactions`)).status).toBe(404)
    expect((await stranger.call('GET', `/v1/businesses/${stranger.businessId}/transactions`)).json.items).toEqual([])
  })

  it('ends with the business', async () => {
    const salon = await createSalonTenant()
    paidVisit(salon)
    await sync(salon)
    await keep(salon)
    const admin = caller(salon.context, await adminToken())
    expect((await admin('DELETE', `/v1/businesses/${salon.businessId}`)).status).toBe(204)
    await query(
      salon,
      sql`update removals set removed_at = '-infinity' where integration_id = ${salon.integrationId}::uuid`,
    )
    await continueRemovals(salon.context)
    for (const table of ['crm_transactions', 'transaction_feed', 'kept_integrations']) {
      expect(await count(salon, table)).toBe(0)
    }
  })
})

describe('kept sales are taken up again', () => {
  it('by the same account, under the same id: nothing doubled, and readers of the feed miss nothing', async () => {
    const salon = await createSalonTenant({ demo: true, days: 10 })
    await sync(salon)
    const before = await allTransactions(salon)
    const feed = (await salon.call('GET', `${salon.path}/changes?limit=200`)).json.nextAfter
    await keep(salon)
    const files = await toCsv(salon)
    await importFile(files, fileOf(sales(3, 100)))
    const imported = await allTransactions(files)
    await keep(files)
    paidVisit(salon)
    const back = await comeBack(salon)
    expect(back.integrationId).toBe(salon.integrationId)
    expect((await back.call('GET', back.path)).json).toMatchObject({
      ...{ totalSyncs: 0, syncEnabled: false, connection: { status: 'untested', account: { externalId: '540112' } } },
    })
    expect((await sync(back)).counters).toMatchObject({ inserted: 1, updated: 0 })
    const after = await allTransactions(back)
    expect(after.filter(({ id }) => before.some((one) => one.id === id))).toEqual(before)
    expect(after).toHaveLength(before.length + 1)
    expect((await back.call('GET', `${back.path}/changes?after=${feed}`)).json.items).toHaveLength(1)
    expect(await allTransactions(ofBusiness(back))).toEqual(
      [...after, ...imported].toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1)),
    )
  })

  it('by the connection where the CRM does not answer, and not by another account', async () => {
    const salon = await createSalonTenant({ branches: 2, settings: { companyIds: undefined, companyId: '540112' } })
    await sync(salon)
    await keep(salon)
    const other = connectionOf(salon)
    const elsewhere = await create(salon, { ...other, additionalConfig: { companyId: '540113' } })
    expect(elsewhere.integrationId).not.toBe(salon.integrationId)
    await elsewhere.call('DELETE', elsewhere.path)
    Object.assign(salon.sandbox.credentials, { apiKey: 'another one' })
    const back = await create(salon, { ...other, additionalConfig: { initialDays: 35, companyId: '540112' } })
    expect(back.integrationId).toBe(salon.integrationId)
  })

  it('where a branch has come to the account', async () => {
    const salon = await createSalonTenant({ branches: 2, settings: { companyIds: ['540112'] } })
    await sync(salon)
    await keep(salon)
    expect((await create(salon, connectionOf(salon))).integrationId).toBe(salon.integrationId)
  })

  it('and by no integration that was created before its account was known', async () => {
    const salon = await createSalonTenant()
    await salon.call('POST', `${salon.path}/test`)
    await keep(salon)
    const { companyId, initialDays } = connectionOf(salon).additionalConfig as Record<string, unknown>
    const wrong = {
      ...connectionOf(salon),
      credentials: { apiKey: 'x', apiSecret: 'y' },
      additionalConfig: { companyId },
    }
    const early = await create(salon, wrong)
    expect(early.integrationId).not.toBe(salon.integrationId)
    const { credentials } = salon.sandbox.connection
    const change = { credentials, syncEnabled: true, additionalConfig: { companyId, initialDays } }
    expect((await early.call('PATCH', early.path, change)).json.code).toBe('conflict')
    await early.call('DELETE', early.path)
    expect((await comeBack(salon)).integrationId).toBe(salon.integrationId)
  })

  it('nor once a test alone has shown the account', async () => {
    const salon = await createSalonTenant()
    await salon.call('POST', `${salon.path}/test`)
    await keep(salon)
    const { companyId } = connectionOf(salon).additionalConfig as Record<string, unknown>
    const denied = structuredClone(salon.sandbox.credentials)
    Object.assign(salon.sandbox.credentials, { apiKey: 'another one' })
    const early = await create(salon, { ...connectionOf(salon), additionalConfig: { companyId } })
    expect(early.integrationId).not.toBe(salon.integrationId)
    Object.assign(salon.sandbox.credentials, denied)
    expect((await early.call('POST', `${early.path}/test`)).json.ok).toBe(true)
    expect((await early.call('PATCH', early.path, { syncEnabled: true })).json.code).toBe('conflict')
  })

  it('by one of two at once', async () => {
    const salon = await createSalonTenant()
    await sync(salon)
    await keep(salon)
    const answers = await Promise.all(
      [1, 2].map(async () => salon.call('POST', '/v1/integrations', connectionOf(salon))),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409])
  })
})

describe('what was read for the deleted integration', () => {
  it('is not written for the one that goes on', async () => {
    const writer = await createWriter()
    const { salon } = writer
    await writer.write([transaction('a')])
    const former = await query(
      salon,
      sql`select settings_epoch from crm_integrations where id = ${salon.integrationId}::uuid`,
    )
    await keep(salon)
    const back = await comeBack(salon)
    expect(back.integrationId).toBe(salon.integrationId)
    await take(back)
    expect(await writer.write([transaction('b')])).toBeNull()
    const hook = { integrationId: back.integrationId, snapshotSeq: 0, records: [transaction('c')], canRecheck: false }
    expect(
      await writeRecords(salon.context, { ...hook, settingsEpoch: Number(former[0]?.['settings_epoch']) }),
    ).toBeNull()
    expect((await allTransactions(back)).map(({ externalId }) => externalId)).toEqual(['a'])
  })

  it('is whole or absent where the deletion meets a page', async () => {
    const salons = await Promise.all(Array.from({ length: 6 }, async () => createWriter()))
    for (const [index, writer] of salons.entries()) {
      const records = Array.from({ length: 300 }, (_, n) => transaction(`r${n}`))
      const [written] = await Promise.all([
        writer.write(records),
        new Promise((done) => setTimeout(done, index * 4)).then(async () => keep(writer.salon)),
      ])
      expect(await allTransactions(ofBusiness(writer.salon))).toHaveLength(written ? 300 : 0)
      const [row] = await query(
        writer.salon,
        sql`select change_seq::int as seq from kept_integrations where integration_id = ${writer.salon.integrationId}::uuid`,
      )
      expect(row?.['seq']).toBe(written ? 300 : 0)
    }
  })

  it('ends with its run', async () => {
    const salon = await createSalonTenant()
    const run = await take(salon)
    await keep(salon)
    await runSlice(salon.context, run.id)
    await salon.context.drain()
    expect(await count(salon, 'sync_runs')).toBe(0)
  })
})

it.each([1, 2, 3])('the books of a business agree after any changes of CRM (%i)', async (seed) => {
  const random = seeded(seed)
  const below = (most: number) => Math.floor(random() * most)
  const salon = await createSalonTenant({ demo: true, days: 6, seed })
  const rows: ReturnType<typeof sales> = []
  let now: Salon = salon
  // Only what was seen paid is followed from then on.
  let seen: number[] = []
  const isSalon = () => now.integrationId === salon.integrationId
  const read = async () => {
    salon.context.clock.advance(60_000)
    expect(await sync(now)).toMatchObject({ status: 'succeeded' })
    seen = (await allTransactions(now)).flatMap(({ externalId, status }) =>
      status === 'paid' && externalId.startsWith('record:') ? [Number(externalId.slice(7))] : [],
    )
  }
  const change = async () => {
    await keep(now)
    now = await (isSalon() ? toCsv(now) : comeBack(now))
  }
  const moves = [
    change,
    async () => void paidVisit(salon, 1000 + below(9) * 100),
    async () => salon.sandbox.salon.withdrawPayment(seen.splice(below(seen.length), 1)[0] ?? 0),
    async () => {
      if (isSalon()) return read()
      rows.push(...sales(1 + below(3), 100 + below(50), rows.length + 1))
      await importFile(now, fileOf(rows))
    },
  ]
  await read()
  for (let step = 0; step < 14; step += 1) await moves[step % 4 === 0 ? 0 : below(moves.length)]?.()
  if (!isSalon()) await change()
  await read()
  const books = await allTransactions(ofBusiness(now))
  const ofFiles = books.filter(({ integrationId }) => integrationId !== salon.integrationId)
  const entry = (one: { readonly externalId: string; readonly status: string; readonly amountMinor: number }) =>
    `${one.externalId} ${one.status} ${one.amountMinor}`
  expect(books.filter((one) => !ofFiles.includes(one)).map(entry)).toEqual(salon.sandbox.ledger().map(entry))
  expect(ofFiles.map(({ amountMinor }) => amountMinor).toSorted((a, b) => a - b)).toEqual(
    rows.map(({ sum }) => sum * 100 + 50).toSorted((a, b) => a - b),
  )
  expect(new Set(ofFiles.map(({ integrationId }) => integrationId)).size).toBeLessThanOrEqual(1)
})
