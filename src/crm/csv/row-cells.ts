// The cells of a row as its readers get them, and why they may reject it.
import type { MESSAGES } from '#crm/csv/messages.ts'
import type { Plan } from '#crm/csv/plan.ts'
import type { ToInstant } from '#crm/csv/row-clock.ts'
import type { Field, Said } from '#crm/csv/words.ts'

export interface Rejection {
  readonly reason: keyof typeof MESSAGES
  readonly field: Field | null
}

export interface Defaults {
  readonly timezone: string
  readonly currency: string
}

export interface Cells {
  readonly plan: Plan
  readonly fallback: Defaults
  readonly timezone: string
  readonly callingCode: string
  /** By zone. */
  readonly clocks: (zone: string) => ToInstant
  readonly meaning: (cell: string, field: 'kind' | 'status', at: number) => Said | null
  readonly textOf: (field: Field) => readonly string[]
  readonly cellAt: (column: number) => string
  /** The first of these cells. */
  readonly text: (field: Field) => string
}
