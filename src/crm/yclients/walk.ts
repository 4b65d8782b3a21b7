// Paging without skipping. While a list is read, records leave it (they changed and are no longer in the fixed window),
// and the first rows of the next page move to this one. The total shows it: when it drops, the walk steps back by as
// many pages as may have moved. When a page is too large, the list is read again in pages of half as many rows.
import { idIn } from '#crm/kit/mapping.ts'
import { isTooLarge } from '#lib/egress.ts'
import { PAGE_ROWS, type Rows } from '#crm/yclients/client.ts'
import type { PagePosition } from '#crm/yclients/cursor.ts'

const START: PagePosition = { page: 1, total: null, size: 0, count: PAGE_ROWS }
/** Per walk. On a list that shrinks all the time the overlap of the next poll finds the rest. */
const STEPS_BACK_MAX = 20

export interface WalkedPage {
  /** From which the walk comes to this page again. */
  readonly at: PagePosition
  readonly number: number
  readonly rows: readonly unknown[]
  /** The estimated number of pages; null when the list has no total. */
  readonly pages: number | null
  /** The next position, or null at the end. */
  readonly next: PagePosition | null
}

export async function* walk(
  read: (at: { readonly page: number; readonly count: number }) => Promise<Rows>,
  from: PagePosition | null,
): AsyncGenerator<WalkedPage> {
  let { page, total, size, count } = from ?? START
  let stepsBack = 0
  const shownIds = new Set<string>()
  for (;;) {
    const at = { page, total, size, count }
    const answer = await orTooLarge(async () => read({ page, count }), count)
    if (!answer) {
      shownIds.clear()
      ;({ page, total, size, count } = { ...START, count: Math.floor(count / 2) })
      yield { at, number: page, rows: [], pages: null, next: { page, total, size, count } }
      continue
    }
    // The server may send fewer rows a page than requested.
    size = Math.max(size, answer.rows.length)
    const left = total !== null && answer.total !== null ? total - answer.total : 0
    const isNew = addIds(shownIds, answer.rows)
    const pages = answer.total === null ? null : Math.ceil(answer.total / Math.max(size, 1))
    total = answer.total
    let next: number | null = isLast(answer, { page, size, count, total: answer.total }, isNew) ? null : page + 1
    if (left > 0 && page > 1 && stepsBack < STEPS_BACK_MAX) {
      stepsBack += 1
      next = Math.max(page - Math.ceil(left / Math.max(size, 1)), 1)
    }
    yield {
      at,
      number: page,
      rows: answer.rows,
      pages,
      next: next === null ? null : { page: next, total, size, count },
    }
    if (next === null) return
    page = next
  }
}

/** Null: the answer is too large, and fewer rows can be requested. */
async function orTooLarge<T>(read: () => Promise<T>, count: number): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (isTooLarge(error) && count > 1) return null
    throw error
  }
}

function isLast({ rows }: Rows, { page, total, size, count }: PagePosition, isNew: boolean): boolean {
  if (rows.length === 0) return true
  if (total !== null) return (page - 1) * size + rows.length >= total
  if (!isNew) return true
  // Without a total a short page is the last one, unless its round length looks like a limit of the server.
  return rows.length < count && (rows.length < size || rows.length % 10 !== 0)
}

/** True when a page has an id that is new in this walk. A server that ignores `page` sends none. */
function addIds(shownIds: Set<string>, rows: readonly unknown[]): boolean {
  const before = shownIds.size
  for (const row of rows) {
    shownIds.add(idIn(row) ?? JSON.stringify(row))
  }
  return shownIds.size > before
}
