// All transactions of an integration as a file, written page by page, so memory does not grow with their number. The
// CSV opens in Russian Excel, and our own import reads it back unchanged.
import * as z from 'zod'
import { auditLines, ofIntegration } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { inBusinessZone } from '#businesses/period.ts'
import type { TenantScope } from '#db/tenant.ts'
import { csvLine, EXPORT_HEADER, guardCell } from '#lib/csv-cell.ts'
import { fromMinor } from '#lib/money.ts'
import { localDateTime, zonedToUtc } from '#lib/time.ts'
import { TransactionFilter } from '#transactions/filter.ts'
import { listTransactions } from '#transactions/list.ts'
import type { Transaction } from '#transactions/schema.ts'

/** With 100 a large export makes ten times the round trips; a page of 100,000 may not fit into an isolate's memory. */
const PAGE_ROWS = 1000
const BOM = '\ufeff'
const DELIMITER = ';'

export const ExportTransactions = TransactionFilter.extend({
  format: z
    .enum(['csv', 'ndjson'])
    .default('csv')
    .meta({ description: '`csv` opens in Excel and can be imported again.' }),
})
export type ExportTransactions = z.infer<typeof ExportTransactions>

interface ExportRequest extends TenantScope, ExportTransactions {
  /** The zone of the times in the CSV. */
  readonly timezone: string
}

/**
 * Yields the file in pieces; null: no such integration. The first page is read before this returns, and the audit has
 * its line before any of it is sent.
 */
export async function exportTransactions(
  context: Context,
  { format, timezone, ...request }: ExportRequest,
): Promise<AsyncGenerator<string> | null> {
  const filter = await inBusinessZone(context, request)
  if (!filter) return null
  const first = await listTransactions(context, { ...filter, limit: PAGE_ROWS })
  if (!first) return null
  const line = auditLines(context, { action: 'transactions.exported' }, ofIntegration(request.integrationId))
  await context.db.execute(line)
  return (async function* () {
    if (format === 'csv') yield BOM + csvLine(EXPORT_HEADER, DELIMITER)
    const toLine = format === 'csv' ? (item: Transaction) => toCsv(item, timezone) : toNdjson
    for (let page = first; ;) {
      if (page.items.length > 0) yield page.items.map(toLine).join('')
      if (page.nextCursor === null) return
      const next = await listTransactions(context, { ...filter, limit: PAGE_ROWS, cursor: page.nextCursor })
      if (!next) return
      page = next
    }
  })()
}

function toNdjson(item: Transaction): string {
  return `${JSON.stringify(item)}\n`
}

function toCsv(item: Transaction, timezone: string): string {
  const { customer, location } = item
  const cells = [
    ...[item.externalId, dateOf(item.occurredAt, timezone), amountOf(item), item.currency, item.kind, item.status],
    ...[customer?.name, customer?.phone, customer?.email, customer?.card, customer?.externalId, location?.name],
  ]
  return csvLine(
    cells.map((cell) => guardCell(cell ?? '')),
    DELIMITER,
  )
}

/** With a decimal comma. Three decimals become four, since `1,234` could be read as thousands. */
function amountOf({ amountMinor, currency }: Transaction): string {
  const text = fromMinor(amountMinor, currency).replace('.', ',')
  return /,\d{3}$/.test(text) ? `${text}0` : text
}

/** `dd.mm.yyyy hh:mm:ss`. Where the clock shows a time twice, the second one has its offset after it. */
function dateOf(instant: string, timezone: string): string {
  const date = new Date(instant)
  const fraction = date.getUTCMilliseconds() === 0 ? '' : `.${String(date.getUTCMilliseconds()).padStart(3, '0')}`
  const local = localDateTime(date, timezone)
  const text = `${local.slice(8, 10)}.${local.slice(5, 7)}.${local.slice(0, 4)} ${local.slice(11)}${fraction}`
  const isPlain = Date.parse(zonedToUtc(`${local}${fraction}`, timezone)) === date.getTime()
  return isPlain ? text : `${text} ${offsetOf(local, date)}`
}

function offsetOf(local: string, date: Date): string {
  const minutes = Math.round((Date.parse(`${local}Z`) - date.getTime()) / 60_000)
  const pad = (part: number) => String(part).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`
}
