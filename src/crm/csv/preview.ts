// What an import would do with a file, found from its first bytes by the code of the import.
import type { MappedRecord, LocalizedText } from '#crm/contract.ts'
import type { FileHead } from '#crm/files.ts'
import type { Checked, Doubt, FilePreview, Given } from '#crm/imports.ts'
import { describeError } from '#crm/messages.ts'
import { readBatches } from '#crm/csv/batches.ts'
import { mappingOf } from '#crm/csv/columns.ts'
import { decode } from '#crm/csv/encoding.ts'
import { MESSAGES } from '#crm/csv/messages.ts'
import { doubtsOf, readFor, type Reading } from '#crm/csv/reading.ts'
import { readSample, type Sample } from '#crm/csv/sample.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { countStored } from '#crm/csv/stored-counts.ts'
import { checkTable } from '#crm/csv/table.ts'
import { FIELDS, LINES, normalizeHeader } from '#crm/csv/words.ts'
import { systemClock } from '#lib/clock.ts'
import { CrmError } from '#lib/crm-error.ts'

const SHOWN = 20
const EXAMPLES = 3

/** Throws CrmError `malformed` for a file that an import would refuse, as far as its first bytes show. */
export async function checkHead(head: FileHead, given: Given<Settings>): Promise<Checked> {
  const reading = readFor(head, given)
  checkTable(reading.table, reading.plan, !head.isWhole || reading.table.rows.length > 0)
  const { plan } = reading
  const top = decode(head.bytes.subarray(0, plan.from.offset), plan.encoding ?? 'utf-8', true).text
  return { doubts: await doubtsOf(reading, given), plan, top: top.replace(/^\ufeff/, '') }
}

/** Throws CrmError `malformed` for a file without a table. */
export async function preview(head: FileHead, given: Given<Settings>): Promise<FilePreview> {
  const reading = readFor(head, given)
  const { plan, found, table, chosen } = reading
  const { headers } = table
  const problems: FilePreview['problems'][number][] = problemsOf(reading, head)
  let [read, doubts]: [Sample, readonly Doubt[]] = [{ records: [], skipped: 0 }, []]
  try {
    checkTable(table, plan, true)
    doubts = await doubtsOf(reading, given)
    read = await readSample({
      ...{ plan, fallback: given.fallback, batches: linesOf(head, reading) },
      storedAmong: async (ids) => given.storedSales(ids),
    })
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    problems.push(problem(error.reason ?? '', error.params))
  }
  // A shop that tells receipts apart is a shop all the same.
  const fieldOf = (column: number) => FIELDS.findLast((field) => plan.columns[field]?.includes(column)) ?? null
  return {
    ...{ doubts, header: headers, format: chosen.name },
    dialect: {
      ...{ encoding: plan.encoding ?? 'utf-8', delimiter: plan.delimiter, decimal: plan.decimals[0] ?? null },
      ...{ dateOrder: plan.dateOrder, headerLine: table.headerLine, rows: plan.rows === 'sales' ? 'sales' : 'lines' },
    },
    columns: headers.map((header, column) => {
      const field = fieldOf(column)
      const confidence = field === null ? 0 : (found.fields[field]?.confidence ?? 0)
      const examples = table.rows.flatMap(({ cells }) => (cells[column] ? [cells[column]] : [])).slice(0, EXAMPLES)
      return { header, field, confidence, examples }
    }),
    mapping: mappingOf(plan, headers),
    problems,
    ...summaryOf(read.records, read.skipped),
    stored: await countStored(read.records, given.storedSales),
    isWhole: head.isWhole,
  }
}

/** Leaves out the row that was cut off: half of a row may look complete. */
async function* linesOf(head: FileHead, { table: { to, isWhole }, plan: whole }: Reading) {
  const plan = isWhole ? whole : { ...whole, skipBottom: 0 }
  const read = async (at: number, bytes: number) => head.bytes.subarray(at, Math.min(at + bytes, to))
  for await (const { lines } of readBatches({ bytes: to, read }, plan, plan.from)) {
    yield lines
    // A thousand rows take some 30 ms, and a megabyte has hundreds of thousands: other requests go in between.
    await systemClock.sleep(0)
  }
}

function summaryOf(records: readonly MappedRecord[], skipped: number) {
  const sales = records.flatMap((record) => (record.type === 'transaction' ? [record.transaction] : []))
  const rejected = records.flatMap((record) =>
    record.type === 'unmapped' && record.sourceLine ? [{ ...record, ...record.sourceLine }] : [],
  )
  const paid = sales.filter(({ status }) => status === 'paid')
  const times = sales.map(({ occurredAt }) => occurredAt).toSorted()
  const currencies = [...new Set(paid.map(({ currency }) => currency))].toSorted()
  return {
    rows: sales.slice(0, SHOWN),
    rejected: rejected.slice(0, SHOWN).map(({ line, column, reason, raw }) => ({
      line,
      column,
      reason: textOf(reason),
      raw: String(raw).slice(0, 500),
    })),
    totals: {
      sales: paid.filter(({ kind }) => kind === 'sale').length,
      refunds: paid.filter(({ kind }) => kind === 'refund').length,
      notPaid: sales.length - paid.length,
      ...{ skipped, rejected: rejected.length },
      amounts: currencies.map((currency) => ({
        currency,
        amountMinor: paid.filter((sale) => sale.currency === currency).reduce((sum, sale) => sum + sale.amountMinor, 0),
      })),
      from: times[0] ?? null,
      to: times.at(-1) ?? null,
    },
  }
}

function textOf(reason: string, params: Readonly<Record<string, string>> = {}): LocalizedText {
  return describeError({ kind: 'malformed', reason, params }, MESSAGES)
}

function problem(code: string, params: Readonly<Record<string, string>> = {}): FilePreview['problems'][number] {
  return { code, detail: textOf(code, params) }
}

function problemsOf({ plan, table: { headers, isWhole } }: Reading, { sheets }: FileHead) {
  const hasLines = headers.some((header) => LINES.test(normalizeHeader(header)))
  return [
    ...(isWhole ? [] : [problem('is_cut')]),
    ...(sheets && sheets.others.length > 0
      ? [problem('sheet_read', { sheet: sheets.read, others: sheets.others.join(', ').slice(0, 300) })]
      : []),
    ...(plan.columns.id ? [] : [problem(hasLines ? 'lines_alone' : 'no_id')]),
  ]
}
