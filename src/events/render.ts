// What a receiver gets. A row of the outbox holds an issue as its row, so that its words are made here, from the same
// table as everywhere.
import { isoInstant } from '#db/columns.ts'
import { type IssueRow, presentIssue } from '#issues/schema.ts'

export interface OutboxRow {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
  readonly createdAt: string
}

/** `data` of an event. An issue has its words in English, and in Russian under `translations`. */
export function dataOf({ type, data }: Pick<OutboxRow, 'type' | 'data'>): Readonly<Record<string, unknown>> {
  if (type !== 'issue.opened' && type !== 'issue.resolved') return data
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the row, as a trigger of the migrations wrote it
  const row = data as IssueRow
  const { title, detail } = presentIssue(row, 'ru')
  return { ...presentIssue(row, 'en'), translations: { ru: { title, detail } } }
}

/** The body, which is the same in every attempt. */
export function bodyOf(row: OutboxRow): string {
  return JSON.stringify({ type: row.type, timestamp: isoInstant(row.createdAt), data: dataOf(row) })
}
