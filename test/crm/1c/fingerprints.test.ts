// A look at few fields finds every change, and nothing where nothing has changed.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { specOf } from '#crm/1c/documents.ts'
import { addUp, changedRanges, fold, type Fingerprints, settle } from '#crm/1c/fingerprints.ts'
import { Settings } from '#crm/1c/settings.ts'
import { addSeconds } from '#crm/1c/local-time.ts'

const FROM = '2026-10-20T00:00:00'
/** Days before, hours after. */
const FINE_FROM = '2026-10-24T00:00:00'
const RANGE = { from: FROM, to: null }
const spec = specOf(Settings.parse({ timezone: 'UTC' }), 'Document_ЧекККМ')

interface Doc {
  readonly Ref_Key: string
  readonly Date: string
  readonly DataVersion: string
}

const doc = fc.record({
  Ref_Key: fc.uuid(),
  Date: fc.integer({ min: 0, max: 7 * 86_400 - 1 }).map((offset) => addSeconds(FROM, offset)),
  DataVersion: fc.base64String({ minLength: 12, maxLength: 12 }).filter((text) => text.trim() !== ''),
})
const docs = fc.uniqueArray(doc, { minLength: 1, maxLength: 40, selector: ({ Ref_Key }) => Ref_Key })

const sumsOf = async (rows: readonly Doc[], fineFrom = FINE_FROM) =>
  addUp(
    {},
    rows.map((row) => ({ ...row })),
    { spec, fineFrom },
  )

/** What is known after everything was read so often. */
async function readOften(rows: readonly Doc[], times: number): Promise<Fingerprints> {
  let known: Fingerprints = {}
  for (let index = 0; index < times; index += 1) known = settle(known, await sumsOf(rows), RANGE)
  return known
}

describe('what was read alike twice', () => {
  it('is not read again while it stays as it was, in whatever order and pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(docs, fc.nat(40), async (rows, cut) => {
        const known = await readOften(rows, 2)
        const turned = rows.toReversed()
        const found = await addUp(
          await sumsOf(turned.slice(0, cut)),
          turned.slice(cut).map((row) => ({ ...row })),
          { spec, fineFrom: FINE_FROM },
        )
        expect(changedRanges(known, found, RANGE)).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  it('is read again where a document was added, changed, moved or taken away', async () => {
    const edit = fc.constantFrom('add', 'change', 'move', 'remove')
    await fc.assert(
      fc.asyncProperty(docs, doc, edit, fc.nat(), async (rows, other, kind, index) => {
        const known = await readOften(rows, 2)
        const [old = other, ...rest] = [...rows.slice(index % rows.length), ...rows.slice(0, index % rows.length)]
        const changed = {
          ...old,
          ...(kind === 'change' && { DataVersion: `${old.DataVersion}x` }),
          ...(kind === 'move' && { Date: other.Date }),
        }
        const now = kind === 'add' ? [...rows, other] : kind === 'remove' ? rest : [...rest, changed]
        const ranges = changedRanges(known, await sumsOf(now), RANGE)
        const isRead = (wall: string) => ranges.some(({ from, to }) => wall >= from && (to === null || wall < to))
        if (kind === 'add') expect(isRead(other.Date)).toBe(true)
        if (kind === 'change' || kind === 'remove') expect(isRead(old.Date)).toBe(true)
        if (kind === 'move' && old.Date !== other.Date)
          expect([isRead(old.Date), isRead(other.Date)]).toEqual([true, true])
      }),
      { numRuns: 50 },
    )
  })
})

it('what was read once, or has no version, is read again', async () => {
  const rows = [{ Ref_Key: crypto.randomUUID(), Date: FROM, DataVersion: 'AAAA' }]
  expect(changedRanges(await readOften(rows, 1), await sumsOf(rows), RANGE)).toHaveLength(1)
  const bare = rows.map((row) => ({ ...row, DataVersion: '' }))
  expect(changedRanges(await readOften(bare, 3), await sumsOf(bare), RANGE)).toHaveLength(1)
})

it('hours add up to their days, and what is older than is kept is forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(docs, async (rows) => {
      const later = '2026-10-26T00:00:00'
      const folded = fold(await readOften(rows, 2), '2026-10-22T00:00:00', later)
      const kept = rows.filter(({ Date: at }) => at >= '2026-10-22')
      const range = { from: '2026-10-22T00:00:00', to: null }
      expect(changedRanges(folded, await sumsOf(kept, later), range)).toEqual([])
      expect(Object.keys(folded).every((bucket) => bucket >= '2026-10-22')).toBe(true)
    }),
    { numRuns: 50 },
  )
})

it('changed hours are read in as few pieces as there are unchanged ones between them', async () => {
  const at = (hour: string, DataVersion: string) => ({
    Ref_Key: crypto.randomUUID(),
    Date: `2026-10-25T${hour}:10:00`,
    DataVersion,
  })
  const [nine, ten, noon, three] = [at('09', 'a'), at('10', 'b'), at('12', 'c'), at('15', 'd')]
  const known = await readOften([nine, ten, noon, three], 2)
  const edited = (row: Doc) => ({ ...row, DataVersion: 'z' })
  expect(changedRanges(known, await sumsOf([edited(nine), edited(ten), noon, edited(three)]), RANGE)).toEqual([
    { from: '2026-10-25T09:00:00', to: '2026-10-25T11:00:00' },
    { from: '2026-10-25T15:00:00', to: '2026-10-25T16:00:00' },
  ])
  // Nothing was sold at eleven: that hour costs nothing to read along.
  expect(changedRanges(known, await sumsOf([nine, edited(ten), edited(noon), three]), RANGE)).toEqual([
    { from: '2026-10-25T10:00:00', to: '2026-10-25T13:00:00' },
  ])
})
