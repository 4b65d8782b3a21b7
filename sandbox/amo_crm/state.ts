// The account as those who start it and its parts hold it: its books, and what of its behaviour can be set while it
// runs.
import type { Account } from '#sandbox/amo_crm/account.ts'
import type { ConsentServer } from '#sandbox/amo_crm/consent.ts'
import type { Hooks } from '#sandbox/hooks.ts'

export const REFUSED = ['402', '403', '404', 'switched_off', 'system_error'] as const
export type Refused = (typeof REFUSED)[number]

export interface HookEntry {
  readonly [name: string]: unknown
  readonly destination: string
  readonly settings: readonly string[]
  disabled: boolean
  /** Of the account, as it was called when the address was entered. */
  readonly subdomain: string
}

export interface Api {
  readonly account: Account
  /** Set: the person chooses another of his accounts. */
  accountId: number
  readonly requests: string[]
  readonly consent: ConsentServer
  longLivedToken: string
  readonly rowsMax: number
  /** What the user may not see, by area: `leads`, `contacts`, `events` … */
  readonly denied: Set<string>
  /** How an area, or one method of it (`POST webhooks`), is refused otherwise. */
  readonly refused: Map<string, Refused>
  /** How a missing single object is answered. */
  missing: 204 | 226 | 404
  /** Pages of more rows than this take too long. */
  rowsBearable: number
  /** How a page that takes too long ends. */
  overload: 500 | 504
  /** Lists name a next page for ever, and it is the last one again. */
  isEndless: boolean
  customersMode: string
  hasInvoices: boolean
  hasEvents: boolean
  /** Every object that is shown has unknown fields. */
  unknownFields: boolean
  /** Lists answer that there is nothing, as a vendor does when its own systems fail. */
  emptyLists: boolean
  /** Lists are given without regard to filters. */
  ignoresFilters: boolean
  /** The front server refuses every request. */
  isBlocked: boolean
  /** Called before a list is answered: an edit between two pages. */
  onList: ((area: string) => void) | null
  /** Called before any call is answered. */
  onCall: (() => Promise<void>) | null
  /** Ids that are shown in a form that nobody can read. */
  readonly broken: Set<number>
  /** Ids that are shown with a sum that nobody can read. */
  readonly unpriced: Set<number>
  /** Ids that are shown without a time of change. */
  readonly timeless: Set<number>
  readonly hooks: Hooks
  /** Only a person can switch an entry on again. */
  staysDisabled: boolean
  /** Addresses of webhooks. */
  readonly hookEntries: Map<string, HookEntry>
}
