// The lines of a document: its items, and what a correction changes. Pure.
import type { Item } from '#crm/contract.ts'
import { FieldError } from '#crm/kit/mapping.ts'
import { MoneyError, toMinor } from '#lib/money.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { decimalOf, isTrue, type Row, rowsOf, textOf } from '#crm/1c/fields.ts'
import { CHANGES_TABLE, LINE_SUMS, TAX_INCLUDED } from '#crm/1c/presets.ts'
import { goodOf, linesOf, type References } from '#crm/1c/references.ts'

interface Lines {
  readonly spec: DocumentSpec
  readonly references: Pick<References, 'get'>
  readonly currency: string
  readonly isRefund: boolean
}

export function toItems(row: Row, lines: Lines): Item[] {
  return linesOf(row, lines.spec).map((line) => toItem(row, line, lines))
}

function toItem(row: Row, line: Row, { spec, references, currency, isRefund }: Lines): Item {
  const good = goodOf(line)
  const quantity = Math.abs(Number(decimalOf(line['Количество']) ?? 1))
  if (!Number.isFinite(quantity)) throw new FieldError('Количество: not a number')
  const name = textOf(line['name']) || textOf(references.get(good)?.['Description']) || textOf(line['Содержание'])
  const isDifference = hasDifference(row, spec)
  const amount = isDifference ? changeOf(row, line, currency) : sumOf(line, LINE_SUMS, currency)
  return {
    externalId: good?.key ?? null,
    name: name || 'Товар',
    quantity,
    // Documents for refunds have positive sums.
    amountMinor: isRefund && !isDifference && amount > 0 ? -amount : amount,
  }
}

/** A correction that shows what it changes; others show the difference as their sum. */
export function hasDifference(row: Row, spec: DocumentSpec): boolean {
  if (!spec.isCorrection) return false
  return rowsOf(row[CHANGES_TABLE]).length > 0 || linesOf(row, spec).some((line) => BEFORE in line)
}

export function differenceOf(row: Row, spec: DocumentSpec, currency: string): number {
  return linesOf(row, spec).reduce((sum, line) => sum + changeOf(row, line, currency), 0)
}

const BEFORE = 'СуммаДоИзменения'
const TAX_BEFORE = 'СуммаНДСДоИзменения'

function changeOf(row: Row, line: Row, currency: string): number {
  if (!(BEFORE in line)) return sumOf(line, LINE_SUMS, currency)
  const isTaxApart = row[TAX_INCLUDED] !== undefined && !isTrue(row[TAX_INCLUDED])
  const taxes = isTaxApart ? sumOf(line, ['СуммаНДС'], currency) - sumOf(line, [TAX_BEFORE], currency) : 0
  return sumOf(line, ['Всего', 'Сумма'], currency) - sumOf(line, [BEFORE], currency) + taxes
}

/** The first of these fields that says a sum: not every configuration fills all of them. Zero when none does. */
function sumOf(line: Row, fields: readonly string[], currency: string): number {
  for (const field of fields) {
    const value = decimalOf(line[field])
    const minor = value === null ? 0 : minorOf(value, field, currency)
    if (minor !== 0) return minor
  }
  return 0
}

function minorOf(value: string | number, field: string, currency: string): number {
  try {
    return toMinor(value, currency)
  } catch (error) {
    throw error instanceof MoneyError ? new FieldError(`${field}: ${error.message}`) : error
  }
}
