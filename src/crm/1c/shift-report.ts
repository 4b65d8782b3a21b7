// The report of a shift against the receipts that were removed with it: a receipt that the report does not count was
// deleted by hand, and is taken back.
import { CrmError } from '#lib/crm-error.ts'
import { MoneyError, toMinor } from '#lib/money.ts'
import { addDays, zonedToUtc } from '#lib/time.ts'
import type { PullContext } from '#crm/1c/account-context.ts'
import { decimalOf, isTrue, type Row } from '#crm/1c/fields.ts'
import { allOf, datetime } from '#crm/1c/odata.ts'
import { AMOUNT, DATE, RECEIPTS, REPORT } from '#crm/1c/presets.ts'
import { orRefused } from '#crm/1c/references.ts'

/** Shops close their shifts after midnight, but not as late as this. */
const SHIFT_ENDS = 'T06:00:00'
const REPORTS_MAX = 500

/**
 * Of receipts of a past day that are gone, the one that its reports leave out: exactly their difference to what is
 * stored, and the only one of that sum on that day. Null where the reports agree, cannot be read or say nothing clear.
 * Throws CrmError.
 */
export async function takenBack(context: PullContext, day: string, gone: readonly string[]): Promise<string | null> {
  const reported = await reportedSum(context, day)
  if (reported === null) return null
  const stored = await storedSums(context, day, currencyOf(context))
  const difference = [...stored.values()].reduce((sum, amount) => sum + amount, -reported)
  const fitting = [...stored].filter(([, amount]) => amount === difference).map(([externalId]) => externalId)
  const [only] = fitting
  return difference !== 0 && fitting.length === 1 && only !== undefined && gone.includes(only) ? only : null
}

/** Reports are in the currency of the business. */
export function currencyOf({ session: { settings, fallback } }: PullContext): string {
  return settings.currency ?? fallback.currency
}

/** What the shifts of a day have sold, less what they gave back. Null: no report says so. Throws CrmError. */
async function reportedSum(context: PullContext, day: string): Promise<number | null> {
  return sumOfReports(context, (await readReports(context, day)) ?? [])
}

/** The reports of the shifts of a day. Null: they cannot be read. Throws CrmError. */
export async function readReports({ client, session }: PullContext, day: string): Promise<readonly Row[] | null> {
  if (!session.settings.serverFilter) return null
  const filter = allOf([
    `${DATE} ge ${datetime(`${day}${SHIFT_ENDS}`)}`,
    `${DATE} lt ${datetime(`${addDays(day, 1)}${SHIFT_ENDS}`)}`,
  ])
  const select = ['Posted', 'DeletionMark', AMOUNT].join(',')
  return orAbsent(async () => client.rows(REPORT, { filter, select, top: REPORTS_MAX }))
}

/** Null: none of them counts, or not all are there. */
export function sumOfReports(context: PullContext, reports: readonly Row[]): number | null {
  const counted = reports.filter((row) => isTrue(row['Posted']) && !isTrue(row['DeletionMark']))
  if (counted.length === 0 || counted.length === REPORTS_MAX) return null
  const sums = counted.map((row) => sumOf(row, currencyOf(context)))
  return sums.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0)
}

/** Reports are read only where the base shows them. */
async function orAbsent<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await orRefused(read)
  } catch (error) {
    if (error instanceof CrmError && ['unpublished', 'query_refused'].includes(error.reason ?? '')) return null
    throw error
  }
}

function sumOf(row: Row, currency: string): number | null {
  try {
    const value = decimalOf(row[AMOUNT])
    return value === null ? null : toMinor(value, currency)
  } catch (error) {
    if (error instanceof MoneyError) return null
    throw error
  }
}

async function storedSums(
  { session }: PullContext,
  day: string,
  currency: string,
): Promise<ReadonlyMap<string, number>> {
  const { timezone } = session.settings
  const from = zonedToUtc(`${day}T00:00:00`, timezone)
  const to = new Date(Date.parse(zonedToUtc(`${addDays(day, 1)}T00:00:00`, timezone)) - 1000).toISOString()
  const ids = await Promise.all(RECEIPTS.map(async (set) => session.storedIds({ prefix: `${set}:`, from, to })))
  const sales = await session.storedSales(ids.flat())
  return new Map(
    [...sales].flatMap(([externalId, sale]) =>
      sale.status === 'paid' && sale.currency === currency ? [[externalId, sale.amountMinor] as const] : [],
    ),
  )
}
