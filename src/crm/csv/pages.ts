// A batch of rows → a page of sales and rejected rows. Rows of receipts are only noted.
import type { MappedRecord } from '#crm/contract.ts'
import { unmapped } from '#crm/kit/mapping.ts'
import type { Line } from '#crm/csv/batches.ts'
import { idOf, nameRows, type NoteDown, type Rejected, type SourceRow, toRecord } from '#crm/csv/identity.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { noteReceipts, noteRejected } from '#crm/csv/receipts.ts'
import type { RowReader } from '#crm/csv/rows.ts'
import { publicHeader } from '#crm/csv/table.ts'

export interface ReadContext {
  readonly plan: Plan
  readonly reader: RowReader
  readonly note: NoteDown
  /** A digest of a value, which is the key of notes. */
  readonly keyOf: (value: unknown) => Promise<string>
}

export interface RowsPage {
  readonly records: readonly MappedRecord[]
  readonly skipped: number
}

/** Sales and rejected rows. Rows of receipts are only noted. */
export async function toPage({ plan, reader, note, keyOf }: ReadContext, lines: readonly Line[]): Promise<RowsPage> {
  const source: SourceRow[] = []
  const rejected: Rejected[] = []
  let skipped = 0
  const broken: string[] = []
  for (const { cells, problem, line, raw } of lines) {
    const result = cells === null ? { rejected: { reason: problem ?? 'not_utf8', field: null } } : reader.read(cells)
    if (result === 'blank') continue
    if (result === 'skip') skipped += 1
    else if ('rejected' in result) {
      rejected.push({ source: { line, raw }, rejected: result.rejected })
      const of = reader.idOf(cells ?? [])
      if (of.id !== null) broken.push(idOf(of, plan))
    } else source.push({ row: result.row, line, raw })
  }
  const named = await nameRows(source, plan, { note, keyOf })
  const isByReceipt = plan.rows !== 'sales'
  const whole = named.flatMap((row) => ('rejected' in row ? [] : [row]))
  const parts = isByReceipt ? whole.filter(({ source: { row } }) => row.id !== null) : []
  if (parts.length > 0) await note(await noteReceipts(parts, plan, keyOf))
  if (isByReceipt && broken.length > 0) await note(await noteRejected(broken, keyOf))
  const sales = whole.filter(({ source: { row } }) => !isByReceipt || row.id === null)
  const records = sales.map((sale) => toRecord(sale, plan))
  const rejectedRows = [...rejected, ...named.flatMap((row) => ('rejected' in row ? [row] : []))]
  return {
    records: [...records.filter((record) => record !== null), ...rejectedRows.map((row) => toRejected(row, plan))],
    skipped: skipped + records.filter((record) => record === null).length,
  }
}

function toRejected({ source: { line, raw }, rejected: { reason, field } }: Rejected, plan: Plan): MappedRecord {
  const at = field === null ? undefined : plan.columns[field]?.[0]
  const column = at === undefined ? null : publicHeader(plan, at)
  return { ...unmapped(null, reason, raw()), sourceLine: { line, column } }
}
