import type { MappedRecord } from '#crm/contract.ts'
import type { AskCard, Contacts } from '#crm/renovatio/contacts.ts'
import type { Running } from '#crm/renovatio/cursor.ts'
import type { Work } from '#crm/renovatio/work.ts'

/** A pull under way. What it remembers beside the cursor only spares calls. */
export interface Pull extends Work {
  readonly visitors: Contacts
  readonly askCard: AskCard
}

export interface Step {
  readonly records: readonly MappedRecord[]
  readonly running: Running
  /** What came after these records; the page is taken first. */
  readonly failure?: unknown
}
