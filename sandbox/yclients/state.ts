// The salon's account as those who start it and its parts hold it: its books, and what of its behaviour can be set
// while it runs.
import type { Hono } from 'hono'
import type { Hooks } from '#sandbox/hooks.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'
import type { MarketplaceSandbox } from '#sandbox/yclients/marketplace.ts'
import type { LedgerEntry } from '#sandbox/yclients/ledger.ts'
import type { Salon } from '#sandbox/yclients/salon.ts'

export interface HookSettings {
  readonly urls: readonly string[]
  readonly active: number
  readonly [flag: string]: unknown
}

export interface Branch {
  readonly companyId: string
  readonly title: string
  readonly zone: string
  readonly salon: Salon
  hookSettings: HookSettings
  /** What becomes of requests for this branch; null: they are answered. */
  /** `vanished`: as deleted, but the refusals do not say what is missing. */
  trouble: 'deleted' | 'vanished' | 'licence' | 'down' | null
}

export interface YclientsSandbox extends Sandbox {
  readonly app: Hono
  /** The first one is the salon that `salon` and `hookSettings` belong to. */
  readonly branches: readonly Branch[]
  readonly salon: Salon
  /** The books of all branches. */
  readonly ledger: () => LedgerEntry[]
  readonly requests: string[]
  readonly hooks: Hooks
  /** The `Accept` of the brand. */
  readonly accept: string
  readonly marketplace: MarketplaceSandbox
  hookSettings: HookSettings
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string; readonly companyId: string }
  /**
   * What the user may not read: `records`, `finances`, `settings`, `phones`, `documents`; `licence`: the salon's has
   * ended.
   */
  readonly denied: Set<string>
  /** Called before a list is answered: an edit between two pages. */
  onList: ((path: string, page: number) => void) | null
  /** Called when one visit was read and before it is answered. */
  onRecord: (() => Promise<void>) | null
  /** Lists answer that there is nothing, as a vendor does when its own systems fail. */
  emptyLists: boolean
  /** Every object that is shown has unknown fields. */
  unknownFields: boolean
  /** Visits that are shown without a date. */
  readonly broken: Set<number>
}
