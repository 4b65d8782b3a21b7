// What a connector is given and what it hands over, shared by all of them; what it is itself is crm/connector.ts.
import type { RegisteredApp } from '#crm/oauth.ts'
import type { Files } from '#crm/files.ts'
import type { Clock } from '#lib/clock.ts'
import type { Http } from '#lib/egress.ts'
import type { Secret } from '#lib/secret.ts'

/** What a person enters as proof of who they are. Each is stored sealed under this name and never shown again. */
export const CREDENTIALS = ['apiKey', 'apiSecret', 'extraSecret'] as const
export type CredentialName = (typeof CREDENTIALS)[number]

/** One sentence for people, in the two languages of the product. */
export interface LocalizedText {
  readonly en: string
  readonly ru: string
}

export const TRANSACTION_KINDS = ['sale', 'refund'] as const
export const TRANSACTION_STATUSES = ['paid', 'unpaid', 'cancelled'] as const

export interface Customer {
  readonly externalId: string | null
  readonly name: string | null
  /** E.164 */
  readonly phone: string | null
  readonly email: string | null
  readonly card: string | null
}

export interface Item {
  readonly externalId: string | null
  readonly name: string
  readonly quantity: number
  /** The line's total in minor units. */
  readonly amountMinor: number
}

/** One sale or refund as the CRM shows it now. Times are RFC 3339 in UTC with `Z`; money is signed minor units. */
export interface CanonicalTransaction {
  readonly externalId: string
  readonly kind: (typeof TRANSACTION_KINDS)[number]
  readonly status: (typeof TRANSACTION_STATUSES)[number]
  readonly amountMinor: number
  readonly currency: string
  readonly occurredAt: string
  /** Null when the CRM gives neither id, name, phone, email nor card. */
  readonly customer: Customer | null
  readonly items: readonly Item[]
  readonly location: { readonly externalId: string | null; readonly name: string | null } | null
  /** The CRM's own change time or version time; decides which of two looks is newer. */
  readonly sourceUpdatedAt: string | null
}

/**
 * What became of one vendor record. `gone` cancels a stored sale whose record no longer exists, as the record itself or
 * a read of it alone says. `missing` is one that a complete scan should have shown and did not, where the vendor cannot
 * be asked for it alone: the second scan in a row without it cancels the sale. `unmapped` goes to quarantine with its reason and does not stop the page; `raw` is masked before it is stored.
 * `alias` is what all feeds of a vendor call one sale that each of them shows under an id of its own: only the first to
 * be stored is kept, a later one under another id is skipped.
 */
export type MappedRecord =
  | { readonly type: 'transaction'; readonly transaction: CanonicalTransaction; readonly alias?: string }
  | { readonly type: 'gone'; readonly externalId: string; readonly sourceUpdatedAt: string | null }
  | { readonly type: 'missing'; readonly externalId: string }
  | {
      readonly type: 'unmapped'
      readonly externalId: string | null
      readonly reason: string
      readonly raw: unknown
      /**
       * Of a file's row. It is kept with its run for whoever sent the file, unmasked, instead of going to quarantine:
       * `reason` is then a key of the connector's messages, `raw` the row's text, `line` counted from 1.
       */
      readonly sourceLine?: SourceLine
    }

/** Where a row of a file stands: `line` counts from 1. */
export interface SourceLine {
  readonly line: number
  readonly column: string | null
}

/**
 * One bounded batch of records and the cursor from which a later pull goes on after them. A page may be empty: then
 * only the cursor moves. Every vendor call behind a page is made after the page before it was taken.
 */
export interface Page<Cursor> {
  readonly records: readonly MappedRecord[]
  readonly cursor: Cursor
  /** Records beyond `records` that are no sales and say so: counted, nothing more. */
  readonly skipped?: number
  readonly progress?: { readonly done: number; readonly total: number | null }
}

/** A period that a backfill pulls, by the time of the sale where the vendor can filter by it. RFC 3339 in UTC. */
export interface Window {
  readonly from: string
  readonly to: string
}

/** What points at one object of the vendor: its canonical id and whatever the vendor needs beyond it to find it. */
export interface Hint {
  readonly externalId: string
  readonly extra?: Readonly<Record<string, string>>
}

export interface StoredScope {
  /** Only external ids that begin with this. */
  readonly prefix: string
  /** Only these external ids. */
  readonly among?: readonly string[]
  /** By `occurredAt`, inclusive; RFC 3339 in UTC. */
  readonly from: string
  readonly to: string
}

/** What is stored of one sale. */
export interface StoredSale {
  readonly status: CanonicalTransaction['status']
  readonly amountMinor: number
  readonly occurredAt: string
  readonly customer: Customer | null
}

/** A short-lived token of the vendor, kept sealed from one piece of work to the next. */
export interface TokenCache {
  /** Null: there is none, or it has expired. */
  read(): Promise<Secret | null>
  write(token: Secret, expiresAt: Date): Promise<void>
}

/** Where a call goes, and what opens the door. */
export interface Access {
  /** Without a trailing slash. */
  readonly apiUrl: string
  readonly token: Secret
}

/** What one piece of work (a slice of a run, a connection test) gives a connector to work with. */
export interface Session<Settings> {
  readonly settings: Settings
  /** Without a trailing slash. */
  readonly apiUrl: string
  /** Null where a person gave consent instead: see `authorized`. */
  readonly apiKey: Secret | null
  readonly apiSecret: Secret | null
  /** The service's own registration with the vendor, where the operator has one. */
  readonly app: RegisteredApp | null
  readonly tokenCache: TokenCache
  /**
   * Calls the vendor with its access token: `apiKey`, or where a person gave consent the token of that, which is renewed
   * before it ends. When the vendor refuses it (CrmError `auth`, or `not_found` for the account as a whole) it is renewed
   * and the call made once more. Throws CrmError `auth` when there is no token or the consent is worth nothing any more.
   */
  authorized<T>(call: (access: Access) => Promise<T>): Promise<T>
  readonly http: Http
  readonly files: Files
  /** The customer's own server beside the vendor's, where the connector has one and the settings name it. */
  readonly server: { readonly url: string; readonly password: Secret | null; readonly http: Http } | null
  readonly clock: Clock
  /**
   * When this piece of work began. A pull that goes on with a plan made well before is followed by a fresh one, or its
   * run would end without what was sold since.
   */
  readonly startedAt: Date
  /** A person asked for it: scans that are due only now and then are due now. */
  readonly isManual: boolean
  /** The business's own zone and currency: used where neither the settings nor the account name one. */
  readonly fallback: { readonly timezone: string; readonly currency: string }
  /** External ids stored and not cancelled within a scope: what a complete scan of it should have shown again. */
  storedIds(scope: StoredScope): Promise<readonly string[]>
  /** By external id, cancelled ones too: spares the vendor the calls for what is known. */
  storedSales(externalIds: readonly string[]): Promise<ReadonlyMap<string, StoredSale>>
  /** Those of the aliases that a sale is stored under. */
  aliases(among: readonly string[]): Promise<ReadonlySet<string>>
}

export interface Capability {
  readonly name: string
  readonly required: boolean
  readonly ok: boolean
  /** In plain words what is wrong and what to do; what was seen when all is well. */
  readonly detail: LocalizedText
}

export interface Account {
  readonly externalId: string
  readonly name: string
  readonly timezone: string | null
  readonly currency: string | null
}

/** What `check` found. `ok` of the public report is: every required capability is ok. */
export interface Check {
  readonly account: Account | null
  readonly capabilities: readonly Capability[]
  /** At most three transactions as the sync would store them. */
  readonly sample: readonly CanonicalTransaction[]
}

export interface CredentialField {
  readonly name: CredentialName
  /** What callers of the API name it, where that is not `name`. The same for every connector that uses it. */
  readonly publicName?: string
  readonly required: boolean
  readonly label: LocalizedText
  readonly help: LocalizedText
}

/** How a vendor wants to be called. Data, so that the rules of all vendors can be read side by side. */
export interface Pace {
  /** Per integration. */
  readonly requestsPerSecond: number
  /** So many more than the pace allows may be made at once after a rest; 0 when left out. */
  readonly burst?: number
  /** Requests of one integration under way at the same time. */
  readonly concurrency: number
  readonly timeoutMs: number
  /** The vendor's documented wait after a 429, before `THROTTLE_WAIT_SCALE`. */
  readonly throttleMinimumMs: number
  /** Host suffixes the vendor lives on; null where the customer runs the server. */
  readonly hosts: readonly string[] | null
}

/** A second place to ask: a server that the customer runs, on any public host and with rules of its own. */
export interface OwnServer<Settings> {
  /** The member of `additionalConfig` that names its address. */
  readonly field: string
  /** Without a trailing slash; null: not in use. */
  address(settings: Settings): string | null
  /** Its password: required when the server is in use. */
  readonly credential: CredentialName
  readonly pace: Pace
}
