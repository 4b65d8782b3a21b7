// The rules of the page write on random pages, beside a model of them in a few lines.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { MappedRecord } from '#crm/contract.ts'
import { createWriter, releaseBrake, transaction, type Writer } from '#test/pages.ts'
import { allTransactions } from '#test/tenants.ts'

/** A version of a record: version times are seconds, and a record without one tells none. */
interface Seen {
  readonly id: string
  readonly state: 'paid' | 'unpaid' | 'cancelled' | 'gone'
  readonly amount: number
  readonly version: number | null
}

interface Stored {
  readonly status: string
  readonly amount: number
  readonly version: number | null
  readonly changes: number
}

const seen = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'Яна "Я"'),
  state: fc.constantFrom('paid', 'paid', 'paid', 'unpaid', 'cancelled', 'gone'),
  amount: fc.constantFrom(1, 2),
  version: fc.option(fc.integer({ min: 1, max: 4 })),
})
const pages = fc.array(fc.array(seen, { maxLength: 6 }), { minLength: 1, maxLength: 6 })

const timeOf = (version: number | null) => (version === null ? null : `2026-11-01T10:00:0${version}.5Z`)

function recordOf({ id, state, amount, version }: Seen): MappedRecord {
  if (state === 'gone') return { type: 'gone', externalId: id, sourceUpdatedAt: timeOf(version) }
  return transaction(id, { status: state, amountMinor: amount, sourceUpdatedAt: timeOf(version) })
}

const rank = ({ version }: Seen) => version ?? 0

/** One page: the newest version of an id counts, an older one never, and what was never paid is no sale. */
function writeTo(table: Map<string, Stored>, page: readonly Seen[]): void {
  for (const id of new Set(page.map((record) => record.id))) {
    const versions = page.filter((record) => record.id === id)
    const newest = versions.reduce((best, next) => (rank(next) >= rank(best) ? next : best))
    const wasPaid = versions.some(({ state }) => state === 'paid') && newest.state !== 'gone'
    const known = table.get(id)
    const { state, amount, version } = newest
    if (!known) {
      if (wasPaid) table.set(id, { status: state, amount, version, changes: 0 })
      continue
    }
    if (version !== null && known.version !== null && version < known.version) continue
    const next = state === 'gone' ? { status: 'cancelled', amount: known.amount } : { status: state, amount }
    const isSame = next.status === known.status && next.amount === known.amount
    const latest = Math.max(version ?? 0, known.version ?? 0)
    table.set(id, { ...next, version: latest === 0 ? null : latest, changes: known.changes + (isSame ? 0 : 1) })
  }
}

/** What a reader of the feed has who read it after every page. */
async function readFeed({ salon }: Writer, after: number, copy: Map<string, unknown>): Promise<number> {
  const { json } = await salon.call('GET', `${salon.path}/changes?after=${after}&limit=200`)
  for (const item of json.items) {
    expect(item.changeSeq).toBeGreaterThan(after)
    copy.set(item.externalId, item)
  }
  return json.nextAfter
}

async function changesOf({ salon }: Writer, row: { readonly id: string }): Promise<number> {
  const { json } = await salon.call('GET', `${salon.path}/transactions/${row.id}/history?limit=200`)
  const [newest] = json.items
  if (newest) expect(newest.after).toEqual(row)
  for (const [index, change] of json.items.entries()) {
    if (index > 0) expect(change.after).toEqual(json.items[index - 1].before)
    expect(change.after.changeSeq).toBe(change.changeSeq)
    expect(change.before.changeSeq).toBeLessThan(change.changeSeq)
  }
  return json.items.length
}

it('writes any pages by the rules, numbers what changes, and keeps what was', async () => {
  await fc.assert(
    // A page is sent as hashes first when the one before was quiet, which must make no difference.
    fc.asyncProperty(pages, fc.infiniteStream(fc.boolean()), async (all, quiet) => {
      const writer = await createWriter(undefined, 'schedule')
      await releaseBrake(writer)
      const [table, copy] = [new Map<string, Stored>(), new Map<string, unknown>()]
      let after = 0
      for (const page of all) {
        writeTo(table, page)
        await writer.write(page.map(recordOf), { ...writer.position(), isQuiet: quiet.next().value })
        after = await readFeed(writer, after, copy)
      }
      const rows = await allTransactions(writer.salon)
      expect(rows).toHaveLength(table.size)
      for (const row of rows) {
        const { status, amount, changes } = table.get(row.externalId) ?? {}
        expect({ status: row.status, amount: row.amountMinor }).toEqual({ status, amount })
        expect(copy.get(row.externalId)).toEqual(row)
        expect(await changesOf(writer, row)).toBe(changes)
      }
    }),
    { numRuns: 12 },
  )
})
