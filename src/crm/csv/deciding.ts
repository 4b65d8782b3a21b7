import type { Columns } from '#crm/csv/columns.ts'
import type { Asking } from '#crm/csv/doubts.ts'
import type { Plan } from '#crm/csv/plan.ts'
import type { Settings } from '#crm/csv/settings.ts'
import type { Table } from '#crm/csv/table.ts'
import type { Words } from '#crm/csv/unknown-words.ts'

/** What the points that are left to decide go by. */
export interface Deciding {
  readonly table: Table
  readonly settings: Settings
  readonly found: Columns
  readonly columns: Plan['columns']
  readonly words: Words
  readonly asking: Asking
}
