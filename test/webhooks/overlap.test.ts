// Two looks at one object at the same time: a page of a run, and a hook's. Whichever is written last must not undo the
// newer one; where neither is known to be newer, the vendor is asked once more.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { CanonicalTransaction, MappedRecord } from '#crm/contract.ts'
import { writeRecords } from '#transactions/write-records.ts'
import { createWriter, gone, query, transaction, type Writer } from '#test/pages.ts'
import { allTransactions } from '#test/tenants.ts'

/** A record that does not tell its version, as sales of YCLIENTS do. */
const look = (externalId: string, change: Partial<CanonicalTransaction> = {}) =>
  transaction(externalId, { sourceUpdatedAt: null, ...change })

async function changeSeq({ salon }: Writer): Promise<number> {
  const [row] = await query(
    salon,
    sql`select change_seq::int as seq from crm_integrations where id = ${salon.integrationId}::uuid`,
  )
  return Number(row?.['seq'])
}

async function hook(writer: Writer, records: readonly MappedRecord[], snapshotSeq?: number) {
  const { salon, run } = writer
  return writeRecords(salon.context, {
    integrationId: salon.integrationId,
    settingsEpoch: run.integration.settingsEpoch,
    snapshotSeq: snapshotSeq ?? (await changeSeq(writer)),
    records,
    canRecheck: true,
  })
}

async function rechecks({ salon }: Writer) {
  const rows = await query(
    salon,
    sql`select hints -> 0 ->> 'externalId' as id from webhook_deliveries
      where integration_id = ${salon.integrationId}::uuid and kind = 'recheck' and status = 'new' order by 1`,
  )
  return rows.map((row) => row['id'])
}

const stored = async ({ salon }: Writer) => allTransactions(salon)

describe('a page that was asked for before a hook’s look was written', () => {
  it('does not undo what the hook brought, and the object is asked for once more', async () => {
    const writer = await createWriter()
    await writer.write([look('a', { amountMinor: 1 })])
    const before = writer.position()
    await hook(writer, [look('a', { amountMinor: 2 })])
    await writer.write([look('a', { amountMinor: 1 })], before)
    expect(await stored(writer)).toMatchObject([{ amountMinor: 2 }])
    expect(await rechecks(writer)).toEqual(['a'])
    expect(writer.salon.context.messages).toMatchObject([
      { body: { kind: 'runs' } },
      { body: { kind: 'inbox' }, delaySeconds: 3 },
    ])
  })

  it('does not undo it either when the hook found nothing new', async () => {
    const writer = await createWriter()
    await writer.write([look('a', { amountMinor: 1 })])
    const before = writer.position()
    await hook(writer, [look('a', { amountMinor: 1 })])
    await writer.write([look('a', { amountMinor: 5 })], before)
    expect(await stored(writer)).toMatchObject([{ amountMinor: 1 }])
    expect(await rechecks(writer)).toEqual(['a'])
  })

  it('does not insert as paid what the hook found unpaid', async () => {
    const writer = await createWriter()
    const before = writer.position()
    await hook(writer, [look('a', { status: 'unpaid' }), gone('b')])
    await writer.write([look('a'), look('b'), look('c')], before)
    expect((await stored(writer)).map(({ externalId }) => externalId)).toEqual(['c'])
    expect(await rechecks(writer)).toEqual(['a', 'b'])
  })

  it('inserts it when it was asked for afterwards', async () => {
    const writer = await createWriter()
    const written = await hook(writer, [look('a', { status: 'unpaid' })])
    await writer.write([look('a')], { ...writer.position(), changeSeq: written?.seq ?? 0 })
    expect(await stored(writer)).toMatchObject([{ externalId: 'a', status: 'paid' }])
    expect(await rechecks(writer)).toEqual([])
  })

  it('is decided by versions where there are any, and nobody is asked again', async () => {
    const writer = await createWriter()
    const at = (second: number) => ({ sourceUpdatedAt: `2026-11-01T10:00:0${second}Z` })
    const before = writer.position()
    await hook(writer, [
      transaction('a', { amountMinor: 2, ...at(2) }),
      transaction('b', { status: 'unpaid', ...at(1) }),
    ])
    const page = [transaction('a', { amountMinor: 1, ...at(1) }), transaction('b', { amountMinor: 9, ...at(2) })]
    await writer.write(page, before)
    expect(await stored(writer)).toMatchObject([
      { externalId: 'a', amountMinor: 2 },
      { externalId: 'b', amountMinor: 9, status: 'paid' },
    ])
    expect(await rechecks(writer)).toEqual([])
  })
})

describe('a hook’s look that began before a page was written', () => {
  it('does not undo what the page brought, and the object is asked for once more', async () => {
    const writer = await createWriter()
    await writer.write([look('a', { amountMinor: 1 })])
    const asked = await changeSeq(writer)
    await writer.write([look('a', { amountMinor: 2 })])
    await hook(writer, [look('a', { amountMinor: 1 })], asked)
    expect(await stored(writer)).toMatchObject([{ amountMinor: 2 }])
    expect(await rechecks(writer)).toEqual(['a'])
  })

  it('is checked once more when it changes what a page may have found equal meanwhile', async () => {
    const writer = await createWriter()
    await writer.write([look('a', { amountMinor: 1 })])
    const asked = await changeSeq(writer)
    // Equal, so it leaves no trace in the row: the hook's look may be older than this one.
    await writer.write([look('a', { amountMinor: 1 })])
    await hook(writer, [look('a', { amountMinor: 7 }), look('new')], asked)
    expect(await stored(writer)).toMatchObject([{ amountMinor: 7 }, { externalId: 'new' }])
    expect(await rechecks(writer)).toEqual(['a', 'new'])
  })

  it('is believed when no page came between', async () => {
    const writer = await createWriter()
    await writer.write([look('a', { amountMinor: 1 })])
    await hook(writer, [look('a', { amountMinor: 7 }), look('new')])
    expect(await rechecks(writer)).toEqual([])
  })
})

describe('what a hook writes', () => {
  it('changes nothing more when it is written twice', async () => {
    const writer = await createWriter()
    const asked = await changeSeq(writer)
    expect(await hook(writer, [look('a'), gone('b')], asked)).toMatchObject({ inserted: 1, updated: 0 })
    expect(await hook(writer, [look('a'), gone('b')], asked)).toMatchObject({ inserted: 0, updated: 0 })
    expect(await stored(writer)).toMatchObject([{ externalId: 'a', changeSeq: 1 }])
  })

  it('takes its number from the same counter as pages, so a reader of the feed misses nothing', async () => {
    const writer = await createWriter()
    await writer.write([look('a')])
    await hook(writer, [look('b')])
    await writer.write([look('c')], { ...writer.position(), changeSeq: await changeSeq(writer) })
    const seqs = (await stored(writer)).map(({ changeSeq: seq }) => seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    expect(new Set(seqs).size).toBe(3)
  })

  it('is refused under settings that have changed', async () => {
    const writer = await createWriter()
    await query(
      writer.salon,
      sql`update crm_integrations set settings_epoch = settings_epoch + 1 where id = ${writer.salon.integrationId}::uuid`,
    )
    expect(await hook(writer, [look('a')])).toBeNull()
    expect(await stored(writer)).toEqual([])
    expect(await changeSeq(writer)).toBe(0)
  })

  it('needs no lease: a run goes on beside it', async () => {
    const writer = await createWriter()
    await writer.write([look('a')])
    await hook(writer, [look('b')])
    expect(await writer.write([look('c')])).not.toBeNull()
    expect(await stored(writer)).toHaveLength(3)
  })
})
