// Which issues a slice opens and resolves: from what its pages told, from how its run ended, and from what is stored.
import { type SQL, sql } from 'drizzle-orm'
import type { Page, RemarkCode } from '#crm/contract.ts'
import { causeOf, type IssueCode, type NewIssue } from '#issues/codes.ts'
import { issueCtes, wrongRow, wrongRows } from '#issues/statements.ts'
import type { CrmError } from '#lib/crm-error.ts'
import { BRAKED, LIVE } from '#runs/states.ts'

/** What the pages of a slice told beside their records. */
export interface Findings {
  readonly leftOut: Map<string, CrmError>
  readonly answered: Set<string>
  readonly remarks: Map<RemarkCode, number>
}

const HAS_QUARANTINE = sql.raw('exists (select from quarantined_records q where q.integration_id = run.integration_id)')

export function createFindings(): Findings {
  return { leftOut: new Map(), answered: new Set(), remarks: new Map() }
}

export function addFindings({ leftOut, answered, remarks }: Findings, page: Page<unknown>): void {
  for (const { list, error } of page.leftOut ?? []) leftOut.set(list, error)
  for (const list of page.answered ?? []) answered.add(list)
  for (const { code, count } of page.remarks ?? []) remarks.set(code, (remarks.get(code) ?? 0) + count)
}

/** CTEs behind `run`, for a slice that leaves its run unfinished. */
export function sliceIssues(findings: Findings): SQL {
  return issueCtes({ wrong: wrongRows(wrongBy(findings)), over: overRows(findings) })
}

/**
 * CTEs behind `run`, for a slice that ends its run; `failure` is the issue that the ending itself is. A list that is
 * not refused any more is known by its answer, or by a wide scan, which asks for all of them.
 */
export function endIssues(findings: Findings, failure: NewIssue | null): SQL {
  const wrong = sql`${wrongRows([...wrongBy(findings), ...(failure ? [failure] : [])])}
    union all ${wrongRow('nothing_readable', sql`jsonb_build_object('records', run.newly_quarantined::text)`)}
      from run where run.newly_quarantined > 0 and run.readable = 0
    union all ${wrongRow(
      'records_unreadable',
      sql`jsonb_build_object('records', (
        select count(*)::text from quarantined_records q where q.integration_id = run.integration_id))`,
    )} from run where run.newly_quarantined > 0 or ${HAS_QUARANTINE} and not exists (
        -- Hooks put records there, too.
        select from issues s where s.integration_id = run.integration_id and s.code = 'records_unreadable'
          and s.resolved_at is null)`
  const isFine = sql`run.status = 'succeeded' and run.trigger <> 'import'`
  const over = sql`${overRows(findings)}
    union all ${overWhere('connection_refused', isFine)}
    union all ${overWhere('refused_for_now', failure?.code === 'connection_refused' ? sql`true` : isFine)}
    union all ${overWhere('nothing_readable', sql`run.readable > 0`)}
    union all ${overWhere('records_unreadable', sql`not ${HAS_QUARANTINE}`)}
    union all ${overWhere(
      'brake',
      sql`not exists (select from sync_runs r where r.integration_id = run.integration_id and ${BRAKED}
        and not (run.status = 'succeeded' and run.trigger in ${LIVE} and r.trigger in ${LIVE}))`,
    )}
    union all select code, null, true from run, (values ('side_list_refused'), ('archived_receipts_gone')) as v(code)
      where run.status = 'succeeded' and run.map_version is not null`
  return issueCtes({ wrong, over })
}

function wrongBy({ leftOut, remarks }: Findings): NewIssue[] {
  return [
    ...[...leftOut].map(([list, error]): NewIssue => ({
      ...{ code: 'side_list_refused', detailKey: list },
      params: { ...causeOf(error), list },
    })),
    ...[...remarks].map(([code, count]): NewIssue => ({ code, params: { records: String(count) } })),
  ]
}

function overRows({ answered, leftOut }: Findings): SQL {
  const lists = [...answered].filter((list) => !leftOut.has(list))
  return sql`select 'side_list_refused'::text as code, x.list as detail_key, true as unseen
    from json_array_elements_text(${JSON.stringify(lists)}::json) as x(list)`
}

function overWhere(code: IssueCode, condition: SQL): SQL {
  return sql`select ${code}::text, null, false from run where ${condition}`
}
