// Opens and resolves issues as part of other statements, so that an issue is there exactly when what it tells of is,
// and costs no round trip of its own.
import { type SQL, sql } from 'drizzle-orm'
import { ISSUES, type IssueCode, type NewIssue } from '#issues/codes.ts'

const SEEN_AGAIN = sql.raw(`
  on conflict (integration_id, code, detail_key) where resolved_at is null and integration_id is not null
  do update set last_seen_at = now(), count = s.count + 1, params = excluded.params, severity = excluded.severity,
    whose_turn = excluded.whose_turn`)

/** An issue as a row: its names are the columns. */
export function issueRow({ code, detailKey = '', params = {} }: NewIssue) {
  return {
    ...{ code, detail_key: detailKey, params },
    ...{ severity: ISSUES[code].severity, whose_turn: ISSUES[code].whoseTurn },
  }
}

/** Rows of `wrong`: code, detail_key, severity, whose_turn, params. */
export function wrongRows(issues: readonly NewIssue[]): SQL {
  return sql`select x.* from json_to_recordset(${JSON.stringify(issues.map(issueRow))}::json)
    as x(code text, detail_key text, severity text, whose_turn text, params jsonb)`
}

/** Opens an issue of the integration that `condition` selects by the alias `i`. */
export function openIssue(issue: NewIssue, condition: SQL): SQL {
  return sql`insert into issues as s (business_id, integration_id, code, detail_key, severity, whose_turn, params)
    select i.business_id, i.id, w.* from crm_integrations i, (${wrongRows([issue])}) w where ${condition} ${SEEN_AGAIN}`
}

/** Ends issues of the integrations whose ids `ids` selects. */
export function resolveIssues(ids: SQL, codes: readonly IssueCode[]): SQL {
  return sql`update issues s set resolved_at = now() where s.integration_id in (${ids}) and s.resolved_at is null
    and s.code in (select json_array_elements_text(${JSON.stringify(codes)}::json))`
}
