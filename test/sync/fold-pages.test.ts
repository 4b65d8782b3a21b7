import { expect, it } from 'vitest'
import type { Page } from '#crm/contract.ts'
import { foldPages } from '#sync/fold-pages.ts'
import { transaction } from '#test/pages.ts'

const empty = (at: number, more: Partial<Page<unknown>> = {}): Page<unknown> => ({
  records: [],
  cursor: { at },
  ...more,
})
const full = (at: number): Page<unknown> => ({ records: [transaction(`t${at}`)], cursor: { at } })

async function folded(pages: readonly (Page<unknown> | Error)[], msAPage = 0) {
  let ms = 0
  const source = (async function* () {
    for (const page of pages) {
      ms += msAPage
      if (page instanceof Error) throw page
      yield page
    }
  })()
  const out: { at: unknown; records: number; skipped?: number; isLast?: boolean; folded?: number }[] = []
  try {
    for await (const { cursor, records, ...rest } of foldPages(source, { now: () => new Date(ms) }))
      out.push({ ...rest, at: (cursor as { at: number }).at, records: records.length })
  } catch (error) {
    return { out, error }
  }
  return { out, error: null }
}

it('hands the cursors of empty pages on with the next page, and adds up what they tell', async () => {
  const { out } = await folded([empty(1, { skipped: 2 }), empty(2, { skipped: 3 }), full(3), full(4)])
  expect(out).toMatchObject([
    { at: 3, records: 1, skipped: 5, folded: 2 },
    { at: 4, records: 1 },
  ])
})

it('ends with the last cursor when all pages are empty, and needs no further slice', async () => {
  const { out } = await folded([empty(1), empty(2), empty(3)])
  expect(out).toMatchObject([{ at: 3, records: 0, isLast: true }])
})

it('hands on what was read before a failure', async () => {
  const { out, error } = await folded([full(1), empty(2), new Error('away')])
  expect(out).toMatchObject([{ at: 1 }, { at: 2, records: 0 }])
  expect(error).toEqual(new Error('away'))
})

it('lets no cursor wait for longer than a few seconds', async () => {
  const { out } = await folded(
    Array.from({ length: 6 }, (_, n) => empty(n + 1)),
    2000,
  )
  expect(out.map(({ at }) => at)).toEqual([4, 6])
})

it('lets pages wait for the next one while nothing depends on them, and hands their records on with it', async () => {
  const waiting = (at: number): Page<unknown> => ({ ...full(at), mayWait: true, skipped: 1 })
  const { out } = await folded([waiting(1), empty(2), waiting(3), full(4), full(5), waiting(6), new Error('away')])
  expect(out).toMatchObject([
    { at: 4, records: 3, skipped: 2, folded: 3 },
    { at: 5, records: 1 },
    { at: 6, records: 1 },
  ])
})

it('lets no more records wait than are worth a request of their own', async () => {
  const many = (at: number): Page<unknown> => ({
    ...{ records: Array.from({ length: 150 }, (_, n) => transaction(`t${at}-${n}`)), cursor: { at }, mayWait: true },
  })
  const { out } = await folded([many(1), many(2), many(3)])
  expect(out).toMatchObject([
    { at: 2, records: 300 },
    { at: 3, records: 150, isLast: true },
  ])
})
