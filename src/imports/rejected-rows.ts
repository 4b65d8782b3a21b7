// The rows of a file that were not imported, as a file again: for whoever mends them.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { LocalizedText } from '#crm/contract.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import { csvLine, guardCell } from '#lib/csv-cell.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'

const PAGE_ROWS = 1000
const BOM = '\ufeff'

interface RejectedRow extends Record<string, unknown> {
  line: string
  column_name: string | null
  reason: string
  raw: string | null
}

export interface RejectedRequest extends TenantScope {
  readonly runId: string
  readonly language: keyof LocalizedText
  readonly delimiter: ',' | ';'
}

/** The file piece by piece, header first. Null: no such run. */
export async function rejectedRows(context: Context, request: RejectedRequest): Promise<AsyncGenerator<string> | null> {
  const { rows } = await context.db.execute<{ crm_type: CrmType }>(sql`
    select i.crm_type from sync_runs r join crm_integrations i on i.id = r.integration_id
    where r.id = ${request.runId}::uuid and ${isVisible(request)}`)
  const [found] = rows
  return found ? write(context, request, found.crm_type) : null
}

async function* write(
  context: Context,
  { runId, language, delimiter }: RejectedRequest,
  crmType: CrmType,
): AsyncGenerator<string> {
  const { messages } = connectorOf(crmType)
  const textOf = (reason: string) => describeError({ kind: 'malformed', reason, params: {} }, messages)[language]
  yield BOM + csvLine(['line', 'column', 'reason', 'raw'], delimiter)
  for (let after = '0', count = PAGE_ROWS; count === PAGE_ROWS;) {
    const { rows } = await context.db.execute<RejectedRow>(sql`
      select line, column_name, reason, raw from rejected_rows where run_id = ${runId}::uuid and line > ${after}::bigint
      order by line limit ${PAGE_ROWS}::int`)
    count = rows.length
    after = rows.at(-1)?.line ?? after
    const lines = rows.map(({ line, column_name: column, reason, raw }) =>
      csvLine([line, guardCell(column ?? ''), textOf(reason), guardCell(raw ?? '')], delimiter),
    )
    if (lines.length > 0) yield lines.join('')
  }
}
