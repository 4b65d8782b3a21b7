// One page of a pull: what a phase needs, and what it brings.
import type { LeftOut, MappedRecord, Session } from '#crm/contract.ts'
import type { Cloud } from '#crm/iiko/cloud.ts'
import type { Cursor, Phase, Plan, Restaurant } from '#crm/iiko/cursor.ts'
import type { Rules } from '#crm/iiko/map.ts'
import type { Settings } from '#crm/iiko/settings.ts'

export interface PullContext {
  readonly session: Session<Settings>
  readonly cloud: Cloud
  readonly cursor: Cursor
  readonly plan: Plan
  readonly rules: Rules
  readonly restaurants: readonly [Restaurant, ...Restaurant[]]
  readonly isBackfill: boolean
}

export interface Step {
  /** Orders as the cloud sends them. */
  readonly rows?: readonly unknown[]
  readonly records?: readonly MappedRecord[]
  /** Of `records`' source: what is no sale yet. */
  readonly skipped?: number
  readonly leftOut?: readonly LeftOut[]
  /** The phases that are left. */
  readonly phases: readonly Phase[]
  readonly watermarks?: Partial<Cursor>
}
