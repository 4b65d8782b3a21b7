// A run over a file: killed anywhere it goes on where it was, and the same rows are the same sales whichever file they
// come in.
import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { fileKey } from '#connections/file-store.ts'
import { runSlice } from '#sync/run-slice.ts'
import { sweepRuns } from '#jobs/cron.ts'
import { createFileTenant, errorsOf, type FileTenant, importFile, send } from '#test/files.ts'
import { runOf } from '#test/pages.ts'
import { allTransactions } from '#test/tenants.ts'

const seqs = async (tenant: FileTenant) =>
  (await allTransactions(tenant)).map(({ externalId, changeSeq }) => [externalId, changeSeq])

/** All that an import leaves behind, but for what is new each time. */
async function traces(tenant: FileTenant, runId: string) {
  const items = await allTransactions(tenant)
  const sales = items.map(({ externalId, kind, status, amountMinor, occurredAt, customer }) => ({
    ...{ externalId, kind, status, amountMinor, occurredAt, customer },
  }))
  const { counters } = await runOf(tenant, runId)
  const { pages: _, ...rest } = counters
  return { sales, counters: rest, errors: await errorsOf(tenant, runId) }
}

async function dies({ context, integrationId }: FileTenant): Promise<void> {
  await context.db.execute(sql`
    update crm_integrations set lease_until = now() - interval '1 second'
    where id = ${integrationId}::uuid and lease_run_id is not null`)
  await sweepRuns(context)
  context.messages.length = 0
}

/** Works an import off while the worker dies after every page: its next statement is lost, or the answer to it is. */
async function importUnderFire(tenant: FileTenant, content: string) {
  const { context } = tenant
  const { json } = await send(tenant, content)
  context.messages.length = 0
  for (let deaths = 0; ; deaths += 1) {
    const fault = deaths % 2 === 0 ? ('unsent' as const) : ('unanswered' as const)
    // The run is taken and a page is written; then nothing gets through any more, the ending included.
    context.databaseFaults.push('none', 'none', ...Array.from({ length: 12 }, () => fault))
    await runSlice(context, json.id).catch(() => undefined)
    context.databaseFaults.length = 0
    const { finishedAt } = await runOf(tenant, json.id)
    if (finishedAt !== null) return { id: json.id, deaths }
    await dies(tenant)
  }
}

const CLIENTS = ['Анна', 'Пётр; кафе', '', 'ООО "Ромашка"', '"Мария\nКедрова"']

function rows(count: number, header: string, toRow: (n: number) => string): string {
  return `${[header, ...Array.from({ length: count }, (_, n) => (n % 311 === 7 ? `${n};нет;x` : toRow(n)))].join('\n')}\n`
}

const client = (n: number) => {
  const name = CLIENTS[n % CLIENTS.length] ?? ''
  return name.includes(';') && !name.startsWith('"') ? `"${name}"` : name
}
const day = (n: number) => `${String((n % 28) + 1).padStart(2, '0')}.03.2024`

const FILES = {
  'with ids': rows(2200, 'id;Дата;Сумма;Клиент', (n) => `${n};${day(n)};${n % 100},50;${client(n)}`),
  // Equal rows come again and again, far from each other.
  'without ids': rows(2200, 'Дата;Сумма;Клиент', (n) => `${day(n)};${n % 4},50;${client(n)}`),
  'with receipt numbers': rows(
    6000,
    '№ чека;Дата;Сумма;Клиент',
    (n) => `${n % 600};${day(n)};${n % 7},50;${client(n)}`,
  ),
  'of fiscal lines': rows(2200, 'ФН;ФД;Дата;Товар;Сумма', (n) => `99;${n % 1100};02.03.2024;Кофе;${n % 7}`),
} as const

describe.each(Object.entries(FILES))('a file %s', (_, content) => {
  let undisturbed: Awaited<ReturnType<typeof traces>>

  beforeAll(async () => {
    const tenant = await createFileTenant()
    const { id, status } = await importFile(tenant, content)
    expect(status).toBe('succeeded')
    undisturbed = await traces(tenant, id)
    expect(undisturbed.sales.length).toBeGreaterThan(800)
    expect(undisturbed.errors.length).toBeGreaterThan(5)
  })

  it('that is killed at every page ends as one that is not', async () => {
    const tenant = await createFileTenant()
    const { id, deaths } = await importUnderFire(tenant, content)
    expect(deaths).toBeGreaterThanOrEqual(2)
    expect(await runOf(tenant, id)).toMatchObject({ status: 'succeeded', error: null })
    expect(await traces(tenant, id)).toEqual(undisturbed)
  })

  it('changes nothing when it comes again, nor sorted otherwise, nor in part', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, content)
    const before = await seqs(tenant)
    expect(await importFile(tenant, content)).toMatchObject({
      status: 'succeeded',
      counters: { inserted: 0, updated: 0 },
    })
    const [header = '', ...lines] = content.replaceAll('"Мария\nКедрова"', '"Мария Кедрова"').trim().split('\n')
    const sorted = [header, ...lines.toSorted().toReversed(), ''].join('\n')
    expect(await importFile(tenant, sorted)).toMatchObject({
      status: 'succeeded',
      counters: { inserted: 0, updated: 0 },
    })
    if (!content.includes('ФД') && !content.includes('чека')) {
      const part = [header, ...lines.slice(400, 1500), ''].join('\n')
      expect(await importFile(tenant, part)).toMatchObject({
        status: 'succeeded',
        counters: { inserted: 0, updated: 0 },
      })
    }
    expect(await seqs(tenant)).toEqual(before)
  })
})

describe('an import', () => {
  const small = (sum: number) =>
    `id;Дата;Сумма\n${Array.from({ length: 100 }, (_, n) => `${n};02.03.2024;${sum}\n`).join('')}`

  it('that would change much of what is stored stops and asks, and goes on with its file when a person says so', async () => {
    const tenant = await createFileTenant()
    await importFile(tenant, small(5))
    const stopped = await importFile(tenant, small(7))
    expect(stopped).toMatchObject({ status: 'failed', needsConfirmation: true, error: { code: 'rejected.brake' } })
    expect(new Set((await allTransactions(tenant)).map(({ amountMinor }) => amountMinor))).toEqual(new Set([500]))
    const { status, json } = await tenant.call('POST', `${tenant.path}/runs/${stopped.id}/confirm`)
    expect([status, json.trigger]).toEqual([202, 'import'])
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({ status: 'succeeded', counters: { updated: 100 } })
    expect(await tenant.context.files.head(fileKey(tenant.integrationId, stopped.id))).toBeNull()
  })

  it('that is cancelled in line is never begun', async () => {
    const tenant = await createFileTenant()
    const { json } = await send(tenant, small(5))
    await tenant.call('POST', `${tenant.path}/runs/${json.id}/cancel`)
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({ status: 'cancelled', counters: { pages: 0 } })
    expect(await allTransactions(tenant)).toEqual([])
  })

  it('is of the settings it was sent under: others end it', async () => {
    const tenant = await createFileTenant()
    const { json } = await send(tenant, small(5))
    await tenant.call('PATCH', tenant.path, { additionalConfig: { currency: 'KZT' } })
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({
      status: 'cancelled',
      error: { code: 'rejected.settings_changed' },
    })
    expect(await importFile(tenant, small(5))).toMatchObject({ status: 'succeeded' })
    expect((await allTransactions(tenant))[0]).toMatchObject({ currency: 'KZT' })
  })

  it('follows a status and an amount that a later file corrects', async () => {
    const tenant = await createFileTenant()
    const of = (sum: number, status: string) =>
      `id;Дата;Сумма;Статус\n1;02.03.2024;${sum};${status}\n2;02.03.2024;1;ожидает\n`
    expect(await importFile(tenant, of(5, 'оплачен'))).toMatchObject({ counters: { inserted: 1, skipped: 1 } })
    expect(await importFile(tenant, of(7, 'отменён'))).toMatchObject({ counters: { updated: 1, skipped: 1 } })
    expect(await allTransactions(tenant)).toMatchObject([{ externalId: '1', status: 'cancelled', amountMinor: 700 }])
  })

  it('of a business without an address leaves nothing to be pulled', async () => {
    const tenant = await createFileTenant()
    expect((await tenant.call('POST', `${tenant.path}/test`)).json).toMatchObject({ ok: true, sample: [] })
    expect((await tenant.call('PATCH', tenant.path, { syncEnabled: true })).status).toBe(200)
    const { json } = await tenant.call('POST', `${tenant.path}/sync`)
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({ status: 'succeeded', counters: { pages: 0 } })
  })
})
