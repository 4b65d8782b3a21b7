// The sum of a row in minor units, from the columns of the amount and those that belong to it.
import { type DecimalMark, decimalOf, readMinor } from '#crm/csv/money.ts'
import type { Cells, Rejection } from '#crm/csv/rows.ts'
import type { Field } from '#crm/csv/words.ts'

type Read<T> = T | { readonly rejected: Rejection }

export interface Sums {
  /** With the sign in the file; null where a line of a receipt leaves it out. */
  readonly sum: number | null
  /** What of it was given back; not below zero. */
  readonly refunded: number
}

export function readSums(row: Cells, currency: string): Read<Sums> {
  const { plan } = row
  const sum = readAmount(row, currency)
  if (sum !== null && typeof sum !== 'number') return sum
  if (sum === null && plan.rows !== 'whole') return reject('no_amount', 'amount')
  const back = row.text('refunded')
  const refunded = back === '' ? 0 : readCell(row, { cell: back, currency, field: 'refunded', mark: plan.decimals[0] ?? null })
  if (typeof refunded !== 'number') return refunded
  if (sum === null) return { sum, refunded: Math.abs(refunded) }
  const signed = plan.isInverted ? -sum : sum
  return Number.isSafeInteger(signed) ? { sum: signed, refunded: Math.abs(refunded) } : reject('amount_unreadable', 'amount')
}

/** Several columns add up; empty ones count as 0. What went out counts below zero. */
function readAmount(row: Cells, currency: string): Read<number | null> {
  const { textOf, text, plan } = row
  const cells = textOf('amount')
  const debit = text('debit')
  if (debit === '' && cells.every((cell) => cell === '')) return null
  let sum = 0
  for (const [index, cell] of cells.entries()) {
    const minor = cell === '' ? 0 : readCell(row, { cell, currency, field: 'amount', mark: plan.decimals[index] ?? null })
    if (typeof minor !== 'number') return minor
    sum += minor
  }
  if (plan.columns.quantity) return multiplied(sum, text('quantity'))
  if (debit === '') return sum
  const out = readCell(row, { cell: debit, currency, field: 'debit', mark: plan.decimals[0] ?? null })
  return typeof out === 'number' ? sum - Math.abs(out) : out
}

function multiplied(price: number, cell: string): Read<number> {
  const quantity = decimalOf(cell, ',')
  return quantity !== null ? Math.round(price * Number(quantity)) : reject('quantity_unreadable', 'quantity')
}

interface SumCell {
  readonly cell: string
  readonly currency: string
  readonly field: Field
  readonly mark: DecimalMark | null
}

function readCell({ plan }: Cells, { cell, currency, field, mark }: SumCell): Read<number> {
  const minor = readMinor(cell, mark, currency, plan.multiplier)
  if (typeof minor === 'number') return minor
  return reject('problem' in minor ? minor.problem : 'currency_differs', field)
}

function reject(reason: Rejection['reason'], field: Field): { readonly rejected: Rejection } {
  return { rejected: { reason, field } }
}
