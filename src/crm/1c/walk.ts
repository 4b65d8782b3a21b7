// Paging that loses nothing, in steps whose position is JSON. 1C has no continuation token: `$skip` shifts while
// documents are written, and keys cannot be compared. So a period is walked by date, in one of four modes:
//   ordered  sorted by date, on from the last date read; rows of that date that were already read are dropped
//   split    unsorted: the period is halved until its answer is not full
//   skip     within one second, when even that fills a page
//   all      for a base that cannot filter by date: all rows from a row number on, filtered here
import * as z from 'zod'
import { CrmError } from '#lib/crm-error.ts'
import { keyOf, type Row, localTimeOf } from '#crm/1c/fields.ts'
import { addSeconds, LAST_LOCAL_TIME, secondsBetween } from '#crm/1c/local-time.ts'

const localTime = z.iso.datetime({ local: true, precision: 0 })

/** In the base's local time. `to` is excluded; null: no end. */
export const Range = z.strictObject({ from: localTime, to: localTime.nullable() })
export type Range = z.infer<typeof Range>

export const PagePosition = z.lazy(() =>
  z.strictObject({
    mode: z.enum(['ordered', 'split', 'skip', 'all']),
    /** Everything before this has been read. */
    at: localTime,
    /** The length of one request, in seconds. */
    span: z.int(),
    skip: z.int(),
    /** Keys that were already read and that the next page shows again. */
    shown: z.array(z.string()),
    size: z.int().min(1),
    /** `all`: the first row number that may lie in the period; null before the first page. */
    head: z.int().nullable(),
    /** `all`: more keys were read than are kept. */
    isCut: z.boolean(),
  }),
)
export type PagePosition = z.infer<typeof PagePosition>

/** One request for rows. `range` null: no condition on the date. */
interface RowsInput {
  readonly range: Range | null
  readonly isOrdered: boolean
  readonly top: number
  readonly skip: number
}

export interface Walk {
  readonly read: (input: RowsInput) => Promise<readonly Row[]>
  readonly range: Range
  readonly entitySet: string
  readonly dateField: string
  readonly isOrdered: boolean
  readonly sizeMax: number
  /** Nearly all documents are dated before this. */
  readonly horizon: string
}

export interface Step {
  /** Each row comes once in a walk. */
  readonly rows: readonly Row[]
  /** A part of the period that is now completely read; `shown` has all keys in it. */
  readonly covered: Range | null
  readonly shown: readonly string[]
  /** Null at the end of the walk. */
  readonly next: PagePosition | null
  readonly head: number | null
}

/** With more keys than this, missing documents are not searched for: the cursor would grow too large. */
const SHOWN_MAX = 5000

export function startOf({ range, isOrdered, sizeMax, horizon }: Omit<Walk, 'read'>, head: number | null): PagePosition {
  const mode = head !== null ? 'all' : isOrdered ? 'ordered' : 'split'
  const position = { mode, at: range.from, span: spanOf({ range, horizon }, range.from), size: sizeMax } as const
  return { ...position, skip: head ?? 0, shown: [], head: null, isCut: false }
}

/** One call. Throws CrmError. */
export async function step(walk: Walk, position: PagePosition): Promise<Step> {
  const result = await STEPS[position.mode](walk, position)
  const grown = Math.min(position.size * 2, walk.sizeMax)
  return { head: null, ...result, next: result.next && { ...result.next, size: grown } }
}

type StepResult = Omit<Step, 'head'> & Partial<Pick<Step, 'head'>>

const STEPS: Readonly<Record<PagePosition['mode'], (walk: Walk, position: PagePosition) => Promise<StepResult>>> = {
  ordered: async (walk, position) => {
    const { read, range } = walk
    const { at, size, shown } = position
    const rows = await read({ range: { from: at, to: range.to }, isOrdered: true, top: size, skip: 0 })
    const dated = datedOf(walk, rows, at)
    const fresh = freshOf(rows, shown)
    const isFull = rows.length >= size
    if (!isFull)
      return { rows: fresh, covered: { from: at, to: range.to }, shown: [...shown, ...keysOf(dated)], next: null }
    if (dated.some((row, index) => row.at < (dated[index - 1]?.at ?? at))) {
      return { ...NOTHING, next: { ...position, mode: 'split', span: spanOf(walk, at), shown: [] } }
    }
    const last = dated.at(-1)?.at ?? at
    if (last === at) {
      return {
        rows: fresh,
        covered: null,
        shown: [],
        next: { ...position, mode: 'skip', shown: [...shown, ...keysOf(dated)] },
      }
    }
    const atLast = keysOf(dated.filter((row) => row.at === last))
    return {
      rows: fresh,
      covered: { from: at, to: last },
      shown: [...shown, ...keysOf(dated.filter((row) => row.at < last))],
      next: { ...position, at: last, shown: atLast },
    }
  },

  split: async (walk, position) => {
    const { read, range, horizon } = walk
    const { at, size, span } = position
    const end = addSeconds(at, span)
    const to = range.to !== null && range.to < end ? range.to : end
    const rows = await read({ range: { from: at, to }, isOrdered: false, top: size, skip: 0 })
    const dated = datedOf(walk, rows, at)
    if (rows.length >= size) {
      const half = Math.floor(secondsBetween(at, to) / 2)
      return { ...NOTHING, next: half > 0 ? { ...position, span: half } : { ...position, mode: 'skip' } }
    }
    const isEnd = to === range.to || to >= LAST_LOCAL_TIME
    const wider = rows.length < size / 4 ? span * 2 : span
    const next = { ...position, at: to, span: to >= horizon ? spanOf(walk, to) : wider }
    return { rows, covered: { from: at, to: isEnd ? range.to : to }, shown: keysOf(dated), next: isEnd ? null : next }
  },

  skip: async (walk, position) => {
    const { read, range, isOrdered } = walk
    const { at, size, skip, shown } = position
    const to = addSeconds(at, 1)
    const rows = await read({ range: { from: at, to }, isOrdered: false, top: size, skip })
    const all = [...new Set([...shown, ...keysOf(datedOf(walk, rows, at))])]
    const fresh = freshOf(rows, shown)
    if (rows.length >= size) {
      return { rows: fresh, covered: null, shown: [], next: { ...position, skip: skip + rows.length, shown: all } }
    }
    const mode: PagePosition['mode'] = isOrdered ? 'ordered' : 'split'
    const after = { ...position, mode, at: to, span: spanOf(walk, to), skip: 0, shown: [] }
    const isEnd = range.to !== null && to >= range.to
    return { rows: fresh, covered: { from: at, to }, shown: all, next: isEnd ? null : after }
  },

  all: async ({ read, range, dateField, isOrdered }, position) => {
    const { size, skip, shown } = position
    const rows = await read({ range: null, isOrdered, top: size, skip })
    const isWithin = (row: Row) => {
      const at = localTimeOf(row[dateField])
      return at === null || (at >= range.from && (range.to === null || at < range.to))
    }
    const first = rows[0]
    // Rows before this position were deleted, so the row number of the last walk is too high.
    if (isOrdered && skip > 0 && position.head === null && (!first || isWithin(first))) {
      return { ...NOTHING, next: { ...position, skip: Math.floor(skip / 2) } }
    }
    const within = rows.filter(isWithin)
    // Rows of the last date may come in another order next time, so they are read once more.
    const last = localTimeOf(rows.at(-1)?.[dateField])
    const before = isOrdered ? rows.filter((row) => localTimeOf(row[dateField]) !== last).length : 0
    const after = skip + (before || rows.length)
    const head = within.length === 0 && shown.length === 0 ? after : (position.head ?? skip)
    const all = [...new Set([...shown, ...within.flatMap((row) => keyOf(row) ?? [])])]
    const fresh = freshOf(within, shown)
    const isCut = position.isCut || all.length > SHOWN_MAX
    if (rows.length >= size) {
      const next = { ...position, skip: after, shown: all.slice(-SHOWN_MAX), head, isCut }
      return { rows: fresh, covered: null, shown: [], next }
    }
    return { rows: fresh, covered: isCut ? null : range, shown: all, next: null, head: isOrdered ? head : 0 }
  },
}

const NOTHING = { rows: [], covered: null, shown: [] } as const

function spanOf({ range, horizon }: Pick<Walk, 'range' | 'horizon'>, at: string): number {
  const end = range.to ?? LAST_LOCAL_TIME
  const to = at < horizon && end > horizon ? horizon : end
  return Math.max(secondsBetween(at, to), 1)
}

interface Dated {
  readonly key: string
  readonly at: string
}

/** Throws CrmError `rejected` when rows outside the range come: then the base does not filter by date. */
function datedOf({ entitySet, dateField }: Walk, rows: readonly Row[], from: string): readonly Dated[] {
  const dated = rows.flatMap((row) => {
    const [key, at] = [keyOf(row), localTimeOf(row[dateField])]
    return key === null || at === null ? [] : [{ key, at }]
  })
  if (dated.some(({ at }) => at < from))
    throw new CrmError('rejected', { reason: 'query_refused', params: { set: entitySet, code: '200' } })
  return dated
}

function keysOf(dated: readonly Dated[]): string[] {
  return dated.map(({ key }) => key)
}

function freshOf(rows: readonly Row[], shown: readonly string[]): readonly Row[] {
  const before = new Set(shown)
  return rows.filter((row) => !before.has(keyOf(row) ?? ''))
}
