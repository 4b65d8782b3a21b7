// The rejected rows of a file as a CSV, so that a person can correct them and import them again.
import { and, eq, gt } from 'drizzle-orm'
import * as z from 'zod'
import { auditLines, ofIntegration } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import type { LocalizedText } from '#crm/contract.ts'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { csvLine, guardCell, REJECTED_HEADER } from '#lib/csv-cell.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { rejectedRows as rejected } from '#db/schema/rejected-rows.ts'
import { syncRuns } from '#db/schema/sync-runs.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'

/** With 100 a large file makes ten times the round trips; a page of 100,000 may not fit into an isolate's memory. */
const PAGE_ROWS = 1000
const BOM = '\ufeff'

export const RejectedRows = z.strictObject({
  delimiter: z.enum([',', ';']).default(',').meta({ description: '`;` for Excel in Russia.' }),
})
type RejectedRows = z.infer<typeof RejectedRows>

interface RejectedRequest extends TenantScope, RejectedRows {
  readonly runId: string
  readonly language: keyof LocalizedText
  /** The row's text names people. */
  readonly showsRaw: boolean
}

/** Yields the file in pieces, header first. Null: no such run. */
export async function rejectedRows(context: Context, request: RejectedRequest): Promise<AsyncGenerator<string> | null> {
  const { crmType, id } = crmIntegrations
  const [found] = await context.db
    .select({ crmType })
    .from(syncRuns)
    .innerJoin(crmIntegrations, eq(id, syncRuns.integrationId))
    .where(and(eq(syncRuns.id, request.runId), isVisible(request, crmIntegrations)))
  if (!found) return null
  const line = auditLines(context, { action: 'rejected_rows.exported' }, ofIntegration(request.integrationId))
  await context.db.execute(line)
  return write(context, request, found.crmType)
}

async function* write(
  context: Context,
  { runId, language, delimiter, showsRaw }: RejectedRequest,
  crmType: CrmType,
): AsyncGenerator<string> {
  const { messages } = connectorOf(crmType)
  const textOf = (reason: string) => describeError({ kind: 'malformed', reason, params: {} }, messages)[language]
  yield BOM + csvLine(REJECTED_HEADER, delimiter)
  const { line, columnName, reason, raw } = rejected
  for (let after = 0, count = PAGE_ROWS; count === PAGE_ROWS;) {
    const rows = await context.db
      .select({ line, columnName, reason, raw })
      .from(rejected)
      .where(and(eq(rejected.runId, runId), gt(line, after)))
      .orderBy(line)
      .limit(PAGE_ROWS)
    count = rows.length
    after = rows.at(-1)?.line ?? after
    const lines = rows.map((row) =>
      csvLine(
        [String(row.line), guardCell(row.columnName ?? ''), textOf(row.reason), guardCell((showsRaw && row.raw) || '')],
        delimiter,
      ),
    )
    if (lines.length > 0) yield lines.join('')
  }
}
