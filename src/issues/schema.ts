import * as z from 'zod'
import { findConnector } from '#crm/registry.ts'
import { isoInstant, isoInstantOrNull } from '#db/columns.ts'
import { describeIssue, ISSUES, type IssueCode } from '#issues/codes.ts'
import type { Language, LocalizedText } from '#lib/localized.ts'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of a const object
const ISSUE_CODES = Object.keys(ISSUES) as [IssueCode, ...IssueCode[]]

export const Issue = z
  .strictObject({
    id: z.guid().meta({ description: 'The id of the issue.' }),
    businessId: z.guid().nullable().meta({ description: 'Whose it is; null: it concerns all that use a CRM, or us.' }),
    integrationId: z.guid().nullable().meta({ description: 'The integration; null where it is about no single one.' }),
    endpointId: z.guid().nullable().meta({ description: 'The endpoint for events, where it is about one.' }),
    code: z.enum(ISSUE_CODES).meta({ description: 'What is wrong. Clients decide by it; codes are only added.' }),
    severity: z.enum(['info', 'warning', 'error']).meta({ description: 'How bad it is.' }),
    title: z.string().meta({ description: 'What is wrong, in the language of `Accept-Language`.' }),
    detail: z.string().meta({ description: 'Why, and what to do, in the language of `Accept-Language`.' }),
    whoseTurn: z
      .enum(['nobody', 'owner', 'operator', 'vendor'])
      .meta({ description: 'Who has to act: the business’s owner, we, the vendor of the CRM, or nobody.' }),
    since: z.iso.datetime().meta({ description: 'When it was first seen.' }),
    lastSeenAt: z.iso.datetime().meta({ description: 'When it was last seen.' }),
    count: z.int().positive().meta({ description: 'How often it was seen.' }),
    resolvedAt: z.iso.datetime().nullable().meta({ description: 'When it was over; null: it is not.' }),
  })
  .meta({ id: 'Issue', description: 'One thing that is wrong, from when it was first seen until it is over.' })
export type Issue = z.infer<typeof Issue>

/** A row of issues, and the CRM of its integration. */
export interface IssueRow extends Record<string, unknown> {
  readonly id: string
  readonly business_id: string | null
  readonly integration_id: string | null
  readonly endpoint_id: string | null
  readonly code: string
  readonly severity: Issue['severity']
  readonly whose_turn: Issue['whoseTurn']
  readonly params: Readonly<Record<string, string>>
  readonly since: string
  readonly last_seen_at: string
  readonly count: number
  readonly resolved_at: string | null
  readonly crm_type: string | null
}

export function presentIssue(row: IssueRow, language: Language): Issue {
  const { title, detail } = textsOf(row)
  return {
    ...{ id: row.id, businessId: row.business_id, integrationId: row.integration_id, endpointId: row.endpoint_id },
    ...{ code: codeOf(row), severity: row.severity, title: title[language], detail: detail[language] },
    whoseTurn: row.whose_turn,
    since: isoInstant(row.since),
    lastSeenAt: isoInstant(row.last_seen_at),
    count: row.count,
    resolvedAt: isoInstantOrNull(row.resolved_at),
  }
}

function textsOf(
  row: Pick<IssueRow, 'code' | 'params' | 'crm_type'>,
): Readonly<Record<'title' | 'detail', LocalizedText>> {
  return describeIssue(codeOf(row), row.params, findConnector(row.crm_type ?? '')?.messages ?? {})
}

function codeOf({ code }: Pick<IssueRow, 'code'>): IssueCode {
  const known = ISSUE_CODES.find((one) => one === code)
  if (known === undefined) throw new Error(`an issue with the unknown code ${code}`)
  return known
}
