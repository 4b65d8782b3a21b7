// What headers and cells say of currency, unit and zone against what the settings say. The file is right where only the
// business's own zone and currency stand against it; where the settings name another one, it is asked.
import type { Deciding } from '#crm/csv/deciding.ts'
import { headerCurrency, headerUnit } from '#crm/csv/currency-words.ts'
import { type DoubtCode, optionOf } from '#crm/csv/doubts.ts'
import { readSum } from '#crm/csv/money.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { headerZone } from '#crm/csv/zones.ts'
import { zonedToUtc } from '#lib/time.ts'

type Point = 'currency_differs' | 'unit_differs' | 'zone_differs'

/** Whether the file is right. */
function isFileRight(
  { asking }: Deciding,
  code: DoubtCode & Point,
  column: string,
  file: string,
  ours: string,
): boolean {
  const options = [optionOf('file'), optionOf('settings')] as const
  const params = { column, file, ours }
  return asking.ask({ code, subject: column, columns: [column], params, options: [...options] }) === 'file'
}

export function decideCurrency(context: Deciding): Pick<Plan, 'currency' | 'foreign'> {
  const { table, settings, found, columns } = context
  const ours = settings.currency ?? null
  const column = table.headers[columns.amount?.[0] ?? -1] ?? ''
  const ofHeader = headerCurrency(column, ours)
  if (ours === null) return { currency: ofHeader, foreign: 'keep' }
  const ofCells = columns.amount?.flatMap((at) => found.facts[at]?.filled ?? []).map((cell) => currencyIn(cell, ours))
  const other = [ofHeader, ...(ofCells ?? [])].find((currency) => currency != null && currency !== ours)
  if (other == null || columns.currency) return { currency: ours, foreign: 'reject' }
  if (!isFileRight(context, 'currency_differs', column, other, ours)) return { currency: ours, foreign: 'as_ours' }
  return { currency: ofHeader ?? ours, foreign: 'keep' }
}

function currencyIn(cell: string, ours: string): string | null {
  const sum = readSum(cell, ',', ours)
  return typeof sum === 'string' || 'problem' in sum ? null : sum.currency
}

export function decideUnit(context: Deciding): number {
  const { table, settings, columns } = context
  const column = table.headers[columns.amount?.[0] ?? -1] ?? ''
  const [ours, named] = [settings.multiplier, headerUnit(column)]
  const above = table.preamble.map((text) => ({ text, unit: headerUnit(text) })).find(({ unit }) => unit !== 1)
  // A line above the table may speak of something else.
  if (ours === undefined && named === 1 && above) {
    return isFileRight(context, 'unit_differs', above.text.slice(0, 100), String(above.unit), '1') ? above.unit : 1
  }
  const file = named === 1 ? (above?.unit ?? 1) : named
  if (ours === undefined || file === 1 || file === ours) return ours ?? file
  return isFileRight(context, 'unit_differs', column, String(file), String(ours)) ? file : ours
}

/** Null: that of the settings or the business. */
export function decideZone(context: Deciding): string | null {
  const { table, settings, columns } = context
  for (const at of [...(columns.date ?? []), ...(columns.time ?? [])]) {
    const column = table.headers[at] ?? ''
    const found = headerZone(column)
    if (found === null) continue
    const file = found === 'Z' ? 'UTC' : found
    const ours = settings.timezone
    if (ours === undefined || isSameClock(file, ours)) return file
    return isFileRight(context, 'zone_differs', column, file, ours) ? file : null
  }
  return null
}

function isSameClock(one: string, other: string): boolean {
  return ['2024-01-15T12:00:00', '2024-07-15T12:00:00'].every(
    (time) => zonedToUtc(time, one) === zonedToUtc(time, other),
  )
}
