import type { PageRow } from '#transactions/page-rows.ts'

/** The newest version of a record in its page, and what the other rows of the page say of it. */
export interface DistinctRow extends PageRow {
  /** Some version of it in the page is paid. */
  readonly ever_paid: boolean
  /** Of the records with its alias it is the one to store: the first that is paid, else the first. */
  readonly owns_alias: boolean
}

/** One row of each id, in the order of ids, so that the same page always gets its numbers in the same order. */
export function distinctRows(rows: readonly PageRow[]): DistinctRow[] {
  const newest = new Map<string, PageRow>()
  const paid = new Set<string>()
  const owners = new Map<string, PageRow>()
  for (const row of rows) {
    const known = newest.get(row.external_id)
    if (!known || !isOlder(row.source_updated_at, known.source_updated_at)) newest.set(row.external_id, row)
    if (isPaid(row)) paid.add(row.external_id)
    if (row.alias === null) continue
    const owner = owners.get(row.alias)
    if (!owner || (isPaid(row) && !isPaid(owner))) owners.set(row.alias, row)
  }
  return [...newest.values()]
    .toSorted((a, b) => (a.external_id < b.external_id ? -1 : 1))
    .map((row) => ({
      ...row,
      ever_paid: paid.has(row.external_id),
      owns_alias: row.alias !== null && owners.get(row.alias)?.external_id === row.external_id,
    }))
}

function isPaid({ status, gone, missing }: PageRow): boolean {
  return status === 'paid' && !gone && !missing
}

/** Whether a version time is before another; none is before any. Times are RFC 3339 in UTC, with any fraction. */
function isOlder(time: string | null, than: string | null): boolean {
  if (time === null || than === null) return time === null && than !== null
  const [ms, thanMs] = [Date.parse(time), Date.parse(than)]
  if (ms !== thanMs) return ms < thanMs
  const digits = Math.max(time.length, than.length)
  return fractionOf(time, digits) < fractionOf(than, digits)
}

/** The digits after the second, of which a Date keeps only three, filled up with zeros. */
function fractionOf(time: string, digits: number): string {
  const [, fraction = 'Z'] = time.split('.')
  return fraction.slice(0, -1).padEnd(digits, '0')
}
