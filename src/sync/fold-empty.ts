import type { Page } from '#crm/contract.ts'
import type { Clock } from '#lib/clock.ts'
import type { FoldedPage } from '#sync/write-page.ts'

/**
 * How long pages without records may wait for one with records. Their cursors are lost with a slice that dies meanwhile
 * and are read again; this is short beside the slice and its lease.
 */
const FOLD_MS = 5000

/**
 * Pages without records are no work of their own: what they tell travels with the next page. One that ends the run or
 * comes before a failure is handed on by itself, so nothing that was read is lost.
 */
export async function* foldEmpty(
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
    pending = page.records.length === 0 && page.isLast !== true && now - since < FOLD_MS ? page : null
    if (!pending) yield page
  }
}

/** The later page with what the empty one before it told. */
function joined(empty: FoldedPage, page: Page<unknown>): FoldedPage {
  return {
    ...page,
    folded: (empty.folded ?? 0) + 1,
    skipped: (empty.skipped ?? 0) + (page.skipped ?? 0),
    leftOut: [...(empty.leftOut ?? []), ...(page.leftOut ?? [])],
    answered: [...(empty.answered ?? []), ...(page.answered ?? [])],
    remarks: [...(empty.remarks ?? []), ...(page.remarks ?? [])],
  }
}
