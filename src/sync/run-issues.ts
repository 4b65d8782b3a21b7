// Which issues a slice opens and resolves: from what its pages told, from how its run ended, and from what is stored.
import type { Page, RemarkCode } from '#crm/contract.ts'
import { causeOf, type NewIssue } from '#issues/codes.ts'
import { issueRow } from '#issues/statements.ts'
import type { CrmError } from '#lib/crm-error.ts'

/** What the pages of a slice told beside their records. */
export interface Findings {
  readonly leftOut: Map<string, CrmError>
  readonly answered: Set<string>
  readonly remarks: Map<RemarkCode, number>
}

export function createFindings(): Findings {
  return { leftOut: new Map(), answered: new Set(), remarks: new Map() }
}

/** These and what a page tells. */
export function findingsWith(findings: Findings, page: Page<unknown>): Findings {
  const all = {
    leftOut: new Map(findings.leftOut),
    answered: new Set(findings.answered),
    remarks: new Map(findings.remarks),
  }
  addFindings(all, page)
  return all
}

export function addFindings({ leftOut, answered, remarks }: Findings, page: Page<unknown>): void {
  for (const { list, error } of page.leftOut ?? []) leftOut.set(list, error)
  for (const list of page.answered ?? []) answered.add(list)
  for (const { code, count } of page.remarks ?? []) remarks.set(code, (remarks.get(code) ?? 0) + count)
}

/** Issues that the procedures find by themselves. */
const OF_LEAVING = issueRow({ code: 'data_late' })
const OF_ENDING = Object.fromEntries(
  (['nothing_readable', 'records_unreadable', 'data_late', 'hooks_silent'] as const).map((code) => [
    code,
    issueRow({ code }),
  ]),
)

/** The parameters of `leave_run`: what is wrong, the lists that were read, and the issue that it finds itself. */
export function sliceIssues(findings: Findings): string[] {
  return [wrongBy(findings).map(issueRow), answeredBy(findings), OF_LEAVING].map((value) => JSON.stringify(value))
}

/**
 * The parameters of `finish_run` for a slice that ends its run: what is wrong, the lists that were read, and the issues
 * that the procedure itself finds. `failure` is the issue that the ending itself is.
 */
export function endIssues(findings: Findings, failure: NewIssue | null): string[] {
  const wrong = [...wrongBy(findings), ...(failure ? [failure] : [])].map(issueRow)
  return [wrong, answeredBy(findings), OF_ENDING].map((value) => JSON.stringify(value))
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

function answeredBy({ answered, leftOut }: Findings): string[] {
  return [...answered].filter((list) => !leftOut.has(list))
}
