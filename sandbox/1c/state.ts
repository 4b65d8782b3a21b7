// The base as those who start it and its parts hold it: its books, and what of its behaviour can be set while it runs.
import type { Hono } from 'hono'
import type { LedgerEntry } from '#sandbox/1c/ledger.ts'
import type { Shop } from '#sandbox/1c/shop.ts'
import type { Hooks } from '#sandbox/hooks.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'

export interface OneCSandbox extends Sandbox {
  readonly app: Hono
  readonly shop: Shop
  readonly requests: string[]
  readonly hooks: Hooks
  /** What was pasted into the code that pushes; nothing is pushed without an address. */
  readonly push: { url: string | null; secret: string | null }
  /** What a service that has been shown everything must hold. */
  readonly ledger: () => readonly LedgerEntry[]
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string }
  /** What the composition of the OData interface holds. */
  readonly published: Set<string>
  /** Sets that the user may not read. */
  readonly denied: Set<string>
  /** Objects that the user may not read. */
  readonly hidden: Set<string>
  /** Objects whose addresses the web server before 1C does not know. */
  readonly lost: Set<string>
  /** Fields that an update of the configuration has renamed, by their former names. */
  readonly renamed: Map<string, string>
  /** Receipts that are shown without a date. */
  readonly broken: Set<string>
  /** Receipts that lists show without their sum. */
  readonly sumless: Set<string>
  /** Receipts whose rows in lists have no field for the sum at all. */
  readonly lacking: Set<string>
  /** The largest answer with tables that the base can make. */
  rowsMax: number
  /** Queries with a condition on the date fail. */
  noDateFilter: boolean
  /** Such a refusal is a text without a code. */
  refusesInText: boolean
  /** Logins are barred, as during an update. */
  isInMaintenance: boolean
  /** `$orderby` is taken and not done. */
  noOrder: boolean
  /** Lists answer that there is nothing, as they do when all rows are denied. */
  emptyLists: boolean
  unknownFields: boolean
  /** Called before a list of documents is answered: a sale between two pages. */
  onList: (() => void) | null
  /** The most requests that were ever under way together. */
  inFlightMax: number
}
