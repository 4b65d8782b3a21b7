// No document lost and none twice, whatever the dates, the order of equal ones and the size of a page.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Row } from '#crm/1c/fields.ts'
import { addSeconds } from '#crm/1c/local-time.ts'
import { type PagePosition, type Range, startOf, step, type Walk } from '#crm/1c/walk.ts'

type Doc = Readonly<Record<'Ref_Key' | 'Date', string>>

interface Server {
  readonly docs: Doc[]
  readonly sorts?: boolean
  readonly random: () => number
  readonly beforeAnswer?: () => void
}

const START = '2026-10-20T00:00:00'
const RANGE: Range = { from: START, to: addSeconds(START, 40_000) }

/** A base of documents by the second they are dated, with ties in another order every time. */
function readerOf({ docs, sorts = true, random, beforeAnswer }: Server): Walk['read'] {
  return async ({ range, isOrdered, top, skip }) => {
    beforeAnswer?.()
    const found = docs.filter(({ Date: at }) => !range || (at >= range.from && (range.to === null || at < range.to)))
    const shuffled = found.map((doc) => ({ doc, turn: random() })).toSorted((a, b) => a.turn - b.turn)
    const sorted = shuffled.map(({ doc }) => doc)
    if (isOrdered && sorts) sorted.sort((a, b) => (a.Date < b.Date ? -1 : a.Date > b.Date ? 1 : 0))
    // Without an order rows still come in one that holds from one answer to the next: that of the table.
    if (!isOrdered) sorted.sort((a, b) => (a.Ref_Key < b.Ref_Key ? -1 : 1))
    return sorted.slice(skip, skip + top)
  }
}

interface Walked {
  readonly keys: string[]
  readonly covered: readonly { readonly range: Range; readonly shown: readonly string[] }[]
  readonly calls: number
}

async function walkAll(walk: Walk, head: number | null = null): Promise<Walked> {
  const keys: string[] = []
  const covered = []
  let calls = 0
  for (let position: PagePosition | null = startOf(walk, head); position !== null;) {
    // A place survives being stored.
    const taken = await step(walk, JSON.parse(JSON.stringify(position)) as PagePosition)
    calls += 1
    if (calls > 5000) throw new Error('the walk never ends')
    keys.push(...taken.rows.map((row: Row) => String(row['Ref_Key'])))
    if (taken.covered) covered.push({ range: taken.covered, shown: taken.shown })
    position = taken.next
  }
  return { keys, covered, calls }
}

const docsOf = (offsets: readonly number[]): Doc[] =>
  offsets.map((offset, index) => ({
    Ref_Key: `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`,
    Date: addSeconds(START, offset),
  }))

/** Some days before and after the period, and many at the very same second. */
const offsets = fc.array(
  fc.oneof(fc.integer({ min: -500, max: 41_000 }), fc.constantFrom(0, 1, 7200, 7201, 39_999, 40_000)),
  {
    maxLength: 120,
  },
)

const walkOf = (read: Walk['read'], options: Partial<Walk> = {}): Walk => ({
  ...{ read, range: RANGE, entitySet: 'Document_ЧекККМ', dateField: 'Date', isOrdered: true, sizeMax: 10 },
  horizon: '2026-11-30T00:00:00',
  ...options,
})

const isWithin = ({ Date: at }: Doc, { from, to }: Range) => at >= from && (to === null || at < to)
const keysWithin = (docs: readonly Doc[], range: Range) =>
  docs.filter((doc) => isWithin(doc, range)).map(({ Ref_Key }) => Ref_Key)

describe.each([
  ['sorted by date', { isOrdered: true, head: null, sorts: true }],
  ['a base that takes $orderby and does not sort', { isOrdered: true, head: null, sorts: false }],
  ['without $orderby', { isOrdered: false, head: null, sorts: true }],
  ['without a filter by date', { isOrdered: true, head: 0, sorts: true }],
  ['without either', { isOrdered: false, head: 0, sorts: true }],
])('%s', (_name, { isOrdered, head, sorts }) => {
  it('shows every document of the period once, and says which part it has shown whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        offsets,
        fc.integer({ min: sorts ? 1 : 8, max: 15 }),
        fc.boolean(),
        fc.nat(),
        async (at, sizeMax, isOpen, seed) => {
          const docs = docsOf(at)
          const range = isOpen ? { from: RANGE.from, to: null } : RANGE
          const read = readerOf({ docs, sorts, random: randomOf(seed) })
          const { keys, covered } = await walkAll(walkOf(read, { range, isOrdered, sizeMax }), head)
          const wanted = keysWithin(docs, range)
          // The order inside a second may change from call to call, and one second may fill several pages.
          const isTorn = mostAtOnce(docs) >= sizeMax
          if (!isTorn) expect(keys.toSorted()).toEqual(wanted.toSorted())
          expect(new Set(keys).size).toBe(keys.length)
          // The parts that were covered follow on one another and make up the period.
          expect(covered[0]?.range.from).toBe(range.from)
          expect(covered.at(-1)?.range.to).toBe(range.to)
          for (const [index, part] of covered.entries()) {
            if (index > 0) expect(part.range.from).toBe(covered[index - 1]?.range.to)
            if (!isTorn) expect([...new Set(part.shown)].toSorted()).toEqual(keysWithin(docs, part.range).toSorted())
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

it('reads a second that fills several pages through to its end', async () => {
  const docs = docsOf([...Array.from({ length: 55 }, () => 100), 99, 101, 102])
  for (const isOrdered of [true, false]) {
    const read = readerOf({ docs, random: () => 0.5 })
    const { keys } = await walkAll(walkOf(read, { isOrdered }))
    expect(keys.toSorted()).toEqual(docs.map(({ Ref_Key }) => Ref_Key).toSorted())
  }
})

it('skips nothing that is there while others are entered before, between and after', async () => {
  await fc.assert(
    fc.asyncProperty(
      offsets,
      fc.array(fc.integer({ min: 0, max: 39_999 }), { maxLength: 40 }),
      fc.nat(),
      async (at, added, seed) => {
        const docs = docsOf(at)
        const before = keysWithin(docs, RANGE)
        if (mostAtOnce(docsOf([...at, ...added])) >= 10) return
        const later = [...added]
        const beforeAnswer = () => {
          const offset = later.pop()
          if (offset !== undefined) docs.push({ Ref_Key: crypto.randomUUID(), Date: addSeconds(START, offset) })
        }
        for (const isOrdered of [true, false]) {
          const { keys } = await walkAll(
            walkOf(readerOf({ docs, random: randomOf(seed), beforeAnswer }), { isOrdered }),
          )
          expect(before.filter((key) => !keys.includes(key))).toEqual([])
          expect(new Set(keys).size).toBe(keys.length)
        }
      },
    ),
    { numRuns: 60 },
  )
})

it('asks for no more than it has to: one call a page, and one for a period that fits into one', async () => {
  const docs = docsOf(Array.from({ length: 95 }, (_, index) => index * 100))
  const read = readerOf({ docs, random: () => 0.5 })
  expect((await walkAll(walkOf(read, { sizeMax: 96 }))).calls).toBe(1)
  expect((await walkAll(walkOf(read, { sizeMax: 96, isOrdered: false }))).calls).toBe(1)
  // Each page begins with the last document of the one before.
  expect((await walkAll(walkOf(read, { sizeMax: 10 }))).calls).toBe(11)
})

it('goes on near the end of a base that cannot filter, and further back when what it remembers no longer fits', async () => {
  const docs = docsOf(Array.from({ length: 200 }, (_, index) => (index < 180 ? index - 1000 : index * 10)))
  const read = readerOf({ docs, random: () => 0.5 })
  const wanted = keysWithin(docs, RANGE).toSorted()
  const near = await walkAll(walkOf(read), 170)
  expect([near.keys.toSorted(), near.calls]).toEqual([wanted, 4])
  const gone = await walkAll(walkOf(read), 195)
  expect(gone.keys.toSorted()).toEqual(wanted)
  const beyond = await walkAll(walkOf(read), 400)
  expect(beyond.keys.toSorted()).toEqual(wanted)
})

it('refuses answers with documents that were not asked for: the base ignores the filter', async () => {
  const docs = docsOf([-10, 20])
  const walk = walkOf(async () => docs)
  await expect(step(walk, startOf(walk, null))).rejects.toMatchObject({ kind: 'rejected', reason: 'query_refused' })
})

function mostAtOnce(docs: readonly Doc[]): number {
  const counts = new Map<string, number>()
  for (const { Date: at } of docs) counts.set(at, (counts.get(at) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}

function randomOf(seed: number): () => number {
  let state = seed
  return () => (state = (state * 9301 + 49_297) % 233_280) / 233_280
}
