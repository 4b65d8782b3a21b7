// What the reports of shifts add up, day by day. They count receipts, so only bases whose receipts are read have them.
import type { Days, DayTotal } from '#crm/connector.ts'
import type { Session } from '#crm/contract.ts'
import { addDays } from '#lib/time.ts'
import { openContextOnce } from '#crm/1c/account-context.ts'
import type { Settings } from '#crm/1c/settings.ts'
import { currencyOf, readReports, sumOfReports } from '#crm/1c/shift-report.ts'

export async function totals(session: Session<Settings>, days: Days): Promise<readonly DayTotal[] | null> {
  const context = await openContextOnce(session)
  if (!context.specs.some(({ archives }) => archives)) return null
  const found: DayTotal[] = []
  for (let day = days.from; day <= days.to; day = addDays(day, 1)) {
    const reports = await readReports(context, day)
    if (reports === null) return null
    const amountMinor = sumOfReports(context, reports)
    const report = { currency: currencyOf(context), source: '1c_shift_report', locationId: null, count: null }
    if (amountMinor !== null) found.push({ day, amountMinor, ...report })
  }
  return found
}
