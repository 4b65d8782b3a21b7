// What iiko's own reports add up, by day and restaurant: the sums of whole receipts, without the dishes that a sync
// reads.
import type { DayTotal } from '#crm/connector.ts'
import type { Session } from '#crm/contract.ts'
import { toMinor } from '#lib/money.ts'
import { addDays } from '#lib/time.ts'
import { openAccountOnce } from '#crm/iiko/account.ts'
import { fromFirstSource } from '#crm/iiko/find-receipt.ts'
import { isKept } from '#crm/iiko/receipts.ts'
import { type Days, totalQuery, unpaidQueries, usedColumns } from '#crm/iiko/report.ts'
import { excludedBy, chooseOutlets, type ScanContext } from '#crm/iiko/scan.ts'
import { TotalRow, UnpaidRow } from '#crm/iiko/schema.ts'
import type { Settings } from '#crm/iiko/settings.ts'

const SOURCE = 'iiko_olap'

export async function totals(session: Session<Settings>, days: Days): Promise<readonly DayTotal[] | null> {
  const account = await openAccountOnce(session)
  return fromFirstSource(session, account, days, async (scan) => readTotals(scan, days))
}

/** A night belongs to the accounting day before, which is read too. */
async function readTotals(scan: ScanContext, { from, to }: Days): Promise<readonly DayTotal[]> {
  return scan.withReports(async (reporter) => {
    const columns = usedColumns(await reporter.columns())
    const { scope, departments } = await chooseOutlets(scan, reporter, { from: addDays(from, -1), to }, columns)
    if (scope.departments?.length === 0) return []
    const rows = (await reporter.report(totalQuery(scope))).flatMap((row) => TotalRow.safeParse(row).data ?? [])
    const unpaid = new Map<string, number>()
    const { currency } = scan.restaurants[0]
    for (const query of unpaidQueries(scope, excludedBy(scan))) {
      for (const row of await reporter.report(query)) {
        const { 'UniqOrderId.Id': id, DishDiscountSumInt: sum } = UnpaidRow.safeParse(row).data ?? {}
        if (id != null) unpaid.set(id, (unpaid.get(id) ?? 0) + Math.abs(toMinor(sum ?? 0, currency)))
      }
    }
    return addUp(rows, unpaid, { days: { from, to }, departments, currency })
  })
}

interface Terms {
  readonly days: Days
  readonly departments: Readonly<Record<string, string>> | null
  readonly currency: string
}

function addUp(
  rows: readonly TotalRow[],
  unpaid: ReadonlyMap<string, number>,
  { days, departments, currency }: Terms,
): readonly DayTotal[] {
  const totals = new Map<string, DayTotal>()
  for (const { id, day, outlet, isReturn, sum } of receiptsIn(rows, currency)) {
    if (day < days.from || day > days.to) continue
    const noMoney = unpaid.get(id) ?? 0
    const amount = isReturn ? Math.min(sum + noMoney, 0) : sum < 0 ? sum : Math.max(sum - noMoney, 0)
    // Without names, outlets of the reports cannot be told to be restaurants of the cloud.
    const locationId = departments?.[outlet?.toLowerCase() ?? ''] ?? null
    const key = `${day} ${locationId}`
    const before = totals.get(key)
    totals.set(key, {
      ...{ day, locationId, currency, source: SOURCE },
      count: (before?.count ?? 0) + 1,
      amountMinor: (before?.amountMinor ?? 0) + amount,
    })
  }
  return [...totals.values()]
}

interface Receipt {
  readonly id: string
  readonly day: string
  readonly outlet: string | null
  readonly isReturn: boolean
  readonly sum: number
}

/** Rows of one receipt may have several times: it is closed at the first. What is still open is no receipt yet. */
function receiptsIn(rows: readonly TotalRow[], currency: string): Iterable<Receipt> {
  const receipts = new Map<string, Receipt>()
  // Returned lines count whether or not they are marked as removed.
  const closed = rows.filter((row) => row.CloseTime !== '' && (row.Storned === 'TRUE' || isKept(row)))
  for (const row of closed.toSorted((a, b) => (a.CloseTime < b.CloseTime ? -1 : 1))) {
    const id = row['UniqOrderId.Id']
    if (id === null) continue
    const isReturn = row.Storned === 'TRUE'
    const minor = (value: string | number | null | undefined) => toMinor(value ?? 0, currency)
    const sold = minor(row.DishDiscountSumInt)
    // Some versions give the sum of a return only in its own column, without a sign.
    const sum = isReturn ? -Math.abs(sold === 0 ? minor(row.DishReturnSum) : sold) : sold
    const key = `${id} ${isReturn}`
    const before = receipts.get(key)
    const first = before ?? { id, day: row.CloseTime.slice(0, 10), outlet: row['Department.Id'], isReturn, sum: 0 }
    receipts.set(key, { ...first, sum: first.sum + sum })
  }
  return receipts.values()
}
