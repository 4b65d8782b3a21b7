// Deals by their change time, without pages: each request begins where the last answer ended, so no row slides over the
// border of a page while rows change. Only when one second has more rows than an answer holds are they paged, from both
// ends.
import { CrmError } from '#lib/crm-error.ts'
import { type AmoClient, firstId, PAGE_ROWS, type Range } from '#crm/amo_crm/client.ts'
import type { PagePosition } from '#crm/amo_crm/cursor.ts'
import { Stamp } from '#crm/amo_crm/schema.ts'

export interface LeadWindow {
  readonly updated: Range
  readonly closed: Range | null
}

export interface Walked {
  readonly rows: readonly unknown[]
  /** Null: the window is done. */
  readonly next: PagePosition | null
}

export async function walkLeads(client: AmoClient, window: LeadWindow, position: PagePosition | null): Promise<Walked> {
  if (position && position.page > 0) return walkSecond(client, window, position)
  const { closed, updated } = window
  const from = position?.second ?? updated.from
  const most = position?.rows ?? PAGE_ROWS
  const read = async () => client.leads({ from, to: updated.to }, closed, most)
  let answer = await read()
  // At least the last row of the previous answer was there a moment ago.
  if (answer.rows.length === 0 && position) answer = await read()
  const stamps = answer.rows.flatMap((row) => Stamp.safeParse(row).data ?? [])
  checkFilters(stamps, { updated: { from, to: updated.to }, closed })
  // Rows that changed after the window's end belong to the next sync; they are mapped here too.
  const last = Math.max(...stamps.map((stamp) => stamp.updated_at ?? 0).filter((at) => at <= updated.to), from)
  if (!answer.hasMore || last > updated.to) return { rows: answer.rows, next: null }
  const next = last > from ? at(last, 0, most) : at(from, 1, most)
  return { rows: answer.rows, next }
}

async function walkSecond(client: AmoClient, { closed, updated }: LeadWindow, position: PagePosition): Promise<Walked> {
  const answer = await client.leadsOfSecond(position.second, closed, position)
  const first = firstId(answer)
  const after = at(position.second + 1, 0, position.rows)
  const isSame = first === position.anchorId
  if (answer.hasMore && answer.rows.length > 0 && !isSame) {
    return { rows: answer.rows, next: { ...position, page: position.page + 1, anchorId: first } }
  }
  // Rows that changed meanwhile left this second, and others slid over a border. Paging from the other end finds those.
  if (position.order === 'asc' && position.page > 1)
    return { rows: answer.rows, next: { ...at(position.second, 1, position.rows), order: 'desc' } }
  return { rows: answer.rows, next: after.second > updated.to ? null : after }
}

function at(second: number, page: number, rows: number): PagePosition {
  return { second, page, order: 'asc', anchorId: null, firstId: null, rows }
}

/** Some accounts ignore filters. Without this check the walk would never end. */
function checkFilters(stamps: readonly Stamp[], { updated, closed }: LeadWindow): void {
  const isOutside = stamps.some((stamp) => {
    const closedAt = stamp.closed_at ?? 0
    const isTooOld = (stamp.updated_at ?? updated.from) < updated.from
    return isTooOld || (closed !== null && closedAt > 0 && (closedAt < closed.from || closedAt > closed.to))
  })
  if (isOutside) throw new CrmError('rejected', { reason: 'filter_ignored', params: { area: 'leads' }, isFinal: true })
}
