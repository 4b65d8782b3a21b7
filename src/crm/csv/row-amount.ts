// The sum of a row in minor units, from the columns of the amount and those that belong to it.
import { type DecimalMark, decimalOf, readMinor } from '#crm/csv/money.ts'
import type { Cells, Rejection } from '#crm/csv/row-cells.ts'
import type { Field } from '#crm/csv/words.ts'
import { minorDigits } from '#lib/money.ts'

type Read<T> = T | { readonly rejected: Rejection }

export interface Sums {
  /** With the sign in the file; null where a line of a receipt leaves it out. */
  readonly sum: number | null
  /** What of it was given back; not below zero. */
  readonly refunded: number
  /** The cell's own, where it names one. */
  readonly currency: string
}

interface Minor {
  readonly minor: number
  readonly currency: string
}

/** `currency` is what cells mean that name none. */
export function readSums(row: Cells, currency: string): Read<Sums> {
  const { plan } = row
  const read = readAmount(row, currency)
  if (read && 'rejected' in read) return read
  const back = row.text('refunded')
  const mark = plan.decimals[0] ?? null
  const refunded =
    back === '' ? 0 : readCell(row, { cell: back, currency: read?.currency ?? currency, field: 'refunded', mark })
  if (typeof refunded !== 'number' && 'rejected' in refunded) return refunded
  const given = Math.abs(typeof refunded === 'number' ? refunded : refunded.minor)
  // A row may be a refund alone, in the column of refunds.
  if (!read && plan.rows !== 'whole' && given === 0) return reject('no_amount', 'amount')
  if (!read) return { sum: plan.rows === 'whole' ? null : 0, refunded: given, currency }
  const isBack = plan.signAt !== null && isBelowZero(row.cellAt(plan.signAt)) && read.minor > 0
  const cents = plan.centsAt === null ? 0 : centsOf(row.cellAt(plan.centsAt), read.currency)
  if (cents === null) return reject('amount_unreadable', 'amount')
  const whole = read.minor < 0 ? read.minor - cents : read.minor + cents
  const sum = plan.isInverted !== isBack ? -whole : whole
  if (!Number.isSafeInteger(sum)) return reject('amount_unreadable', 'amount')
  return { sum, refunded: given, currency: read.currency }
}

/** Null: no number of hundredths, or the currency has none. */
function centsOf(cell: string, currency: string): number | null {
  return cell === '' ? 0 : /^\d{1,2}$/.test(cell) && minorDigits(currency) === 2 ? Number(cell) : null
}

const isBelowZero = (cell: string) => /^[-−–]\s?\d/.test(cell)

/** Several columns add up; empty ones count as 0. What went out counts below zero. Null: all cells are empty. */
function readAmount(row: Cells, expected: string): Read<Minor> | null {
  const { textOf, text, plan } = row
  const debit = text('debit')
  const cells = [
    ...textOf('amount').map((cell, index) => ({ cell, field: 'amount', mark: plan.decimals[index] ?? null }) as const),
    ...(debit === '' ? [] : [{ cell: debit, field: 'debit', mark: plan.decimals[0] ?? null } as const]),
  ].filter(({ cell }) => cell !== '')
  if (cells.length === 0) return null
  let [minor, currency] = [0, expected]
  for (const [index, { cell, field, mark }] of cells.entries()) {
    const read = readCell(row, { cell, field, mark, currency })
    if (typeof read !== 'number' && 'rejected' in read) return read
    const part = typeof read === 'number' ? { minor: read, currency } : read
    if (index > 0 && part.currency !== currency) return reject('currency_differs', field)
    minor += field === 'debit' ? -Math.abs(part.minor) : part.minor
    ;({ currency } = part)
  }
  return plan.columns.quantity ? multiplied({ minor, currency }, text('quantity')) : { minor, currency }
}

function multiplied({ minor, currency }: Minor, cell: string): Read<Minor> {
  const quantity = decimalOf(cell, ',')
  if (quantity === null) return reject('quantity_unreadable', 'quantity')
  return { minor: Math.round(minor * Number(quantity)), currency }
}

interface SumCell {
  readonly cell: string
  readonly currency: string
  readonly field: Field
  readonly mark: DecimalMark | null
}

function readCell({ plan, text }: Cells, { cell, currency, field, mark }: SumCell): Read<number | Minor> {
  const minor = readMinor(cell, mark, currency, plan.multiplier)
  if (typeof minor === 'number') return minor
  if ('problem' in minor) return reject(minor.problem, field)
  if (plan.foreign === 'as_ours') {
    const own = readMinor(decimalOf(cell, mark) ?? '', '.', currency, plan.multiplier)
    return typeof own === 'number' ? own : reject('currency_differs', field)
  }
  return plan.foreign === 'keep' && text('currency') === '' ? minor : reject('currency_differs', field)
}

function reject(reason: Rejection['reason'], field: Field): { readonly rejected: Rejection } {
  return { rejected: { reason, field } }
}
