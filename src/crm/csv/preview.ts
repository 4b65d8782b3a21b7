// What an import would do with a file, found from its first bytes by the code of the import.
import type { MappedRecord, LocalizedText } from '#crm/contract.ts'
import type { FileHead, Notes } from '#crm/files.ts'
import type { FilePreview } from '#crm/imports.ts'
import { describeError } from '#crm/messages.ts'
import { readBatches } from '#crm/csv/batches.ts'
import { mappingOf } from '#crm/csv/columns.ts'
import { MESSAGES } from '#crm/csv/messages.ts'
import { checkPlan, HEAD_BYTES, type Planned, planFile, shownNames } from '#crm/csv/plan.ts'
import { toPage } from '#crm/csv/pull.ts'
import { toReceipt } from '#crm/csv/receipts.ts'
import { createRowReader, type Defaults } from '#crm/csv/rows.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { FIELDS, LINES, normalizeHeader } from '#crm/csv/words.ts'
import { systemClock } from '#lib/clock.ts'
import { CrmError } from '#lib/crm-error.ts'

const SHOWN = 20
const EXAMPLES = 3

/** Throws CrmError `malformed` for a file that an import would refuse, as far as its first bytes show. */
export function checkHead(head: FileHead, settings: Settings): void {
  const isWhole = head.isWhole && head.bytes.byteLength <= HEAD_BYTES
  const planned = planFile({ bytes: head.bytes.subarray(0, HEAD_BYTES), isWhole }, settings)
  checkPlan(planned, !isWhole || planned.rows.length > 0)
}

/** Throws CrmError `malformed` for a file without a table. */
export async function preview(head: FileHead, settings: Settings, fallback: Defaults): Promise<FilePreview> {
  const planned = planFile(head, settings)
  const { plan, found } = planned
  const headers = shownNames(planned)
  const problems: FilePreview['problems'][number][] = doubtsOf(planned, head)
  let read: Awaited<ReturnType<typeof readSample>> = { records: [], skipped: 0 }
  try {
    checkPlan(planned, true)
    read = await readSample(head, planned, settings, fallback)
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    problems.push(problem(error.reason ?? '', error.params))
  }
  const fieldOf = (column: number) => FIELDS.find((field) => found.fields[field]?.at.includes(column)) ?? null
  return {
    dialect: {
      ...{ encoding: plan.encoding ?? 'utf-8', delimiter: plan.delimiter, decimal: plan.decimals[0] ?? null },
      ...{ dateOrder: plan.dateOrder, headerLine: planned.headerLine, rows: plan.rows === 'sales' ? 'sales' : 'lines' },
    },
    columns: headers.map((header, column) => {
      const field = fieldOf(column)
      const confidence = field === null ? 0 : (found.fields[field]?.confidence ?? 0)
      const examples = planned.rows.flatMap((row) => (row[column] ? [row[column]] : [])).slice(0, EXAMPLES)
      return { header, field, confidence, examples }
    }),
    mapping: mappingOf(found, headers),
    problems,
    ...summaryOf(read.records, read.skipped),
    isWhole: head.isWhole,
  }
}

/** Leaves out the row that was cut off: half of a row may look complete. */
async function readSample(head: FileHead, { plan, from, to }: Planned, settings: Settings, fallback: Defaults) {
  const noted = new Map<string, Notes>()
  const note = async (notes: ReadonlyMap<string, Notes>) => {
    for (const [key, parts] of notes) noted.set(key, { ...noted.get(key), ...parts })
    return noted
  }
  const read = async (at: number, bytes: number) => head.bytes.subarray(at, Math.min(at + bytes, to))
  const context = { plan, settings, reader: createRowReader(plan, settings, fallback), note }
  const records: MappedRecord[] = []
  let skipped = 0
  for await (const batch of readBatches({ bytes: to, read }, plan, from)) {
    const page = await toPage(context, batch.lines)
    records.push(...page.records)
    skipped += page.skipped
    // A thousand rows take some 30 ms, and a megabyte has hundreds of thousands: other requests go in between.
    await systemClock.sleep(0)
  }
  if (plan.rows !== 'sales')
    records.push(...[...noted.values()].flatMap((notes) => toReceipt(notes, plan, settings) ?? []))
  return { records, skipped }
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

function doubtsOf({ plan, found, headers, isDateOrderSure }: Planned, { isWhole }: FileHead) {
  const hasLines = headers.some((header) => LINES.test(normalizeHeader(header)))
  return [
    ...(isWhole ? [] : [problem('is_cut')]),
    ...(plan.columns.id ? [] : [problem(hasLines ? 'lines_alone' : 'no_id')]),
    ...(isDateOrderSure ? [] : [problem('date_order_unsure')]),
    ...found.unknownWords.map((column) => problem('words_unknown', { column: headers[column] ?? '' })),
  ]
}
