// A table → how its rows are read, and what has to be asked first. Pure. Each point is decided, in this order, by what
// the settings name, by an answer, or by the only sensible reading; else it is asked.
import { type Columns, findColumns } from '#crm/csv/columns.ts'
import { decideCurrency, decideUnit, decideZone } from '#crm/csv/contradictions.ts'
import { dateOrderOf } from '#crm/csv/dates.ts'
import type { Deciding } from '#crm/csv/deciding.ts'
import { createAsking, optionOf, type Question } from '#crm/csv/doubts.ts'
import { decimalMarkOf } from '#crm/csv/money.ts'
import { decideEnded } from '#crm/csv/ended-rows.ts'
import { decideNegative } from '#crm/csv/negative-sums.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { decideRepeats } from '#crm/csv/repeated-ids.ts'
import { OWN_EXPORT, type Settings } from '#crm/csv/settings.ts'
import type { Table } from '#crm/csv/table.ts'
import { decideFileKind } from '#crm/csv/titles.ts'
import { decideNumberless } from '#crm/csv/numberless.ts'
import { decideTotals } from '#crm/csv/totals.ts'
import { decideWords } from '#crm/csv/unknown-words.ts'
import { isOtherTill } from '#crm/csv/stored-doubts.ts'

export interface Decided {
  readonly plan: Plan
  readonly found: Columns
  readonly questions: readonly Question[]
}

/** Throws CrmError `malformed` (`column_missing`) for a column that the settings name and the file does not have. */
export function decide(table: Table, given: Settings, answers: readonly string[]): Decided {
  const settings = table.isOwnExport ? { ...OWN_EXPORT, timezone: given.timezone } : given
  const asking = createAsking(answers)
  const found = findColumns(table, settings, asking)
  const words = decideWords({ table, settings, found, asking })
  const columns = Object.fromEntries(
    Object.entries(found.fields)
      .map(([field, { at }]) => [field, at.filter((one) => !words.dropped.has(one))] as const)
      .filter(([, at]) => at.length > 0),
  )
  const context: Deciding = { table, settings, found, columns, words, asking }
  const dateOrder = decideDateOrder(context)
  const repeats = decideRepeats(context)
  const fileKind = decideFileKind(context)
  const scope = repeats.idScope ?? found.idScope
  const { encoding, delimiter, quote, isPadded, isWrapped, width, header, headerRows, skipBottom, from } = table
  const plan: Plan = {
    ...{ encoding, delimiter, quote, isPadded, isWrapped, width, header, headerRows, skipBottom, from },
    ...{ columns, dateOrder },
    idScope: isOtherTill(answers) ? (scope === 'global' ? 'day' : 'time') : scope,
    ...{ isIdSure: found.isIdSure, isFiscal: found.isFiscal, rows: repeats.rows ?? found.rows },
    decimals: (columns['amount'] ?? []).map((at) => settings.decimal ?? decimalMarkOf(found.facts[at]?.filled ?? [])),
    ...{ timezone: settings.timezone ?? null, fileZone: decideZone(context), ...decideCurrency(context) },
    ...{ signAt: found.quantityAt, centsAt: found.centsAt },
    ...{ isInverted: settings.sign === 'inverted', multiplier: decideUnit(context), words: words.words },
    fileKind,
    // The sums of a list of refunds may have a minus.
    negative: fileKind === 'refund' ? 'refund' : decideNegative(context),
    numberless: decideNumberless(context),
    endedAt: decideEnded(context),
    // A customer may be called “Total”.
    totals: table.isOwnExport
      ? 'sale'
      : decideTotals({ ...context, rows: table.rows, facts: found.facts, isRefund: words.isRefund }),
  }
  return { plan, found, questions: asking.open }
}

const DAY_FIRST = /fecha|datum|jour|heure|uhrzeit|(?:^| )data(?: |$)|dzien/

function decideDateOrder({ table, settings, found, columns, asking }: Deciding): Plan['dateOrder'] {
  if (settings.dateOrder) return settings.dateOrder
  const dates = columns.date ?? []
  const cells = dates.flatMap((at) => found.facts[at]?.filled ?? [])
  const { order, isSure } = dateOrderOf(cells, table.headers)
  if (isSure) return order
  // Outside of English the month never comes first.
  if (dates.some((at) => DAY_FIRST.test(found.names[at] ?? ''))) return 'dmy'
  const column = table.headers[dates[0] ?? -1] ?? ''
  const params = { column, example: cells.find((cell) => /\d\D\d/.test(cell)) ?? '' }
  const options = [optionOf('dmy'), optionOf('mdy')] as const
  return asking.ask({ code: 'date_order', columns: [column], params, options: [...options] }) === 'mdy' ? 'mdy' : 'dmy'
}
