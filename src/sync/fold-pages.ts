import type { Page } from '#crm/contract.ts'
import type { Clock } from '#lib/clock.ts'
import type { FoldedPage } from '#sync/write-page.ts'

/**
 * How long a page may wait for the next one. It is lost with a slice that dies meanwhile and is read again; this is
 * short beside the slice and its lease.
 */
const FOLD_MS = 5000
/** With more records a page is worth a request of its own. */
const FOLD_RECORDS = 200

/**
 * Pages without records, and small ones of which nothing depends on what comes later, are no work of their own: they
 * travel with the next page. One that ends the run or comes before a failure is handed on by itself, so nothing that
 * was read is lost.
 */
export async function* foldPages(
  pages: AsyncIterator<Page<unknown>, unknown>,
  clock: Pick<Clock, 'now'>,
): AsyncGenerator<FoldedPage, void> {
  let pending: FoldedPage | null = null
  let since = 0
  for (;;) {
    let step: IteratorResult<Page<unknown>, unknown>
    try {
      step = await pages.next()
    } catch (error) {
      if (pending) yield pending
      throw error
    }
    if (step.done) {
      if (pending) yield { ...pending, isLast: true }
      return
    }
    const now = clock.now().getTime()
    if (!pending) since = now
    const page: FoldedPage = pending ? joined(pending, step.value) : step.value
    const mayWait = step.value.records.length === 0 || step.value.mayWait === true
    const isLight = mayWait && page.isLast !== true && page.records.length <= FOLD_RECORDS
    pending = isLight && now - since < FOLD_MS ? page : null
    if (!pending) yield page
  }
}

/** The later page with the one before it. */
function joined(before: FoldedPage, page: Page<unknown>): FoldedPage {
  return {
    ...page,
    records: [...before.records, ...page.records],
    folded: (before.folded ?? 0) + 1,
    skipped: (before.skipped ?? 0) + (page.skipped ?? 0),
    leftOut: [...(before.leftOut ?? []), ...(page.leftOut ?? [])],
    answered: [...(before.answered ?? []), ...(page.answered ?? [])],
    remarks: [...(before.remarks ?? []), ...(page.remarks ?? [])],
  }
}
