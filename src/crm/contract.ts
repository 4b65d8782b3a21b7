// What connectors receive and what they return. crm/connector.ts describes the connector itself.
import type { OpenMarketplace } from '#crm/marketplace.ts'
import type { RegisteredApp } from '#crm/oauth.ts'
import type { Files, Format } from '#crm/files.ts'
import type { Clock } from '#lib/clock.ts'
import type { CrmError } from '#lib/crm-error.ts'
import type { Http } from '#lib/egress.ts'
import type { LocalizedText } from '#lib/localized.ts'
import type { Secret } from '#lib/secret.ts'

export type { LocalizedText }

/** The secrets that a person enters to connect a CRM. Each is stored sealed under its name and never shown again. */
export const CREDENTIALS = ['apiKey', 'apiSecret', 'extraSecret'] as const
export type CredentialName = (typeof CREDENTIALS)[number]

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
  /** The CRM's own change time or version time; of two versions the later one wins. */
  readonly sourceUpdatedAt: string | null
}

/**
 * The rule of a connector by which a record counts as it does: a key of its `rules` or of those that all share
 * (crm/rules.ts), with the values that its sentence names.
 */
export interface AppliedRule {
  readonly code: string
  readonly params?: Readonly<Record<string, string>>
}

/** Nothing can be stored: the vendor shows no sale, or does not show the object. */
export interface NoRecord {
  readonly type: 'none'
  readonly rule: AppliedRule
}

/**
 * The result for one vendor record. `gone` cancels a stored sale that no longer exists, as the record itself or a read
 * of it alone says. `missing` is a sale that a complete scan should have shown and did not, where the vendor cannot
 * read it alone: the second scan in a row without it cancels the sale. `unmapped` goes to quarantine with its reason
 * and does not stop the page; `raw` is masked before it is stored. `alias` is a common id for one sale that several
 * feeds show under different ids: the first one that is stored stays, and later ones with another id are skipped.
 */
export type MappedRecord =
  | {
      readonly type: 'transaction'
      readonly transaction: CanonicalTransaction
      /** What decided the status. */
      readonly rule: AppliedRule
      readonly alias?: string
      /** The vendor does not show its sum any more: it is that of the stored sale. */
      readonly isSumKept?: boolean
      /** Of a row of a file: the line at which it begins. */
      readonly line?: number
    }
  | {
      readonly type: 'gone'
      readonly externalId: string
      readonly sourceUpdatedAt: string | null
      /** Left out: the vendor has no such record. */
      readonly rule?: AppliedRule
    }
  | { readonly type: 'missing'; readonly externalId: string }
  | {
      readonly type: 'unmapped'
      readonly externalId: string | null
      readonly reason: string
      readonly raw: unknown
      /**
       * For a row of a file. It is kept, unmasked, with its run for the person who sent the file, instead of going to
       * quarantine: `reason` is then a key of the connector's messages and `raw` the row's text.
       */
      readonly sourceLine?: SourceLine
    }

/** Where a row of a file stands: `line` counts from 1. */
export interface SourceLine {
  readonly line: number
  readonly column: string | null
}

/**
 * One bounded batch of records, and the cursor from which a later pull goes on after them. A page may be empty: then
 * only the cursor moves. The vendor calls for a page begin after the page before it was taken.
 */
export interface Page<Cursor> {
  readonly records: readonly MappedRecord[]
  readonly cursor: Cursor
  /** The number of records that are not sales and are not in `records`. */
  readonly skipped?: number
  readonly progress?: { readonly done: number; readonly total: number | null }
  /** Side lists that the vendor refused. What they add is left out, and the rest goes on. */
  readonly leftOut?: readonly LeftOut[]
  /** Side lists that were read: what was told of a refusal of them is over. */
  readonly answered?: readonly string[]
  /** What a person should know, though the page is right. Counts of one code add up. */
  readonly remarks?: readonly Remark[]
  /** It brings no sale that is not stored yet, so nothing that is read later depends on its being written. */
  readonly mayWait?: boolean
  /** No page follows in this run. A slice that ends with this page needs no further slice, which would plan anew. */
  readonly isLast?: boolean
}

export interface LeftOut {
  /** The name of its capability in the connection test. */
  readonly list: string
  readonly error: CrmError
  /** Nothing of this location is shown. */
  readonly locationId?: string
}

/** `archived_receipts_gone`: sales that the vendor's housekeeping removed, which are therefore kept as they were. */
export type RemarkCode = 'archived_receipts_gone'

export interface Remark {
  readonly code: RemarkCode
  readonly count: number
}

/** The period of a backfill, by the time of the sale where the vendor can filter by it. RFC 3339 in UTC. */
export interface Window {
  readonly from: string
  readonly to: string
}

/** Identifies one object of the vendor: its canonical id and what else the vendor needs to find it. */
export interface Hint {
  readonly externalId: string
  readonly extra?: Readonly<Record<string, string>>
}

export interface StoredScope {
  /** Only external ids that begin with this. */
  readonly prefix: string
  /** Only these external ids. */
  readonly among?: readonly string[]
  /** Only sales of the location with this external id. */
  readonly locationId?: string
  /** By `occurredAt`, inclusive; RFC 3339 in UTC. */
  readonly from: string
  readonly to: string
}

/** What is stored of one sale. */
export interface StoredSale {
  readonly kind: CanonicalTransaction['kind']
  readonly status: CanonicalTransaction['status']
  readonly amountMinor: number
  readonly currency: string
  readonly occurredAt: string
  readonly customer: Customer | null
  readonly items: readonly Item[]
  readonly locationId: string | null
  readonly sourceUpdatedAt: string | null
}

/** What two records of one sale share when a file gives it another id. */
export type Twin = Pick<CanonicalTransaction, 'externalId' | 'kind' | 'amountMinor' | 'occurredAt'>

/** A short-lived token of the vendor, stored sealed between pieces of work. */
export interface TokenCache {
  /** Null: there is no token, or it has expired. */
  read(): Promise<Secret | null>
  write(token: Secret, expiresAt: Date): Promise<void>
}

/** The address and the token of a call. */
export interface Access {
  /** Without a trailing slash. */
  readonly apiUrl: string
  readonly token: Secret
}

/** What a connector gets for one piece of work (a slice of a run, a connection test). */
export interface Session<Settings> {
  readonly settings: Settings
  /** Without a trailing slash. */
  readonly apiUrl: string
  /** Null where a person gave consent instead: see `authorized`. */
  readonly apiKey: Secret | null
  readonly apiSecret: Secret | null
  /** The service's own registration with the vendor, where the operator has one. */
  readonly app: RegisteredApp | null
  readonly marketplace: OpenMarketplace | null
  readonly tokenCache: TokenCache
  /**
   * Calls the vendor with its access token: `apiKey`, or the token of a consent, which is renewed before it ends. When
   * the vendor refuses it (CrmError `auth`, or `not_found` for the whole account), it is renewed and the call is
   * repeated once. Throws CrmError `auth` when there is no token or the consent was revoked.
   */
  authorized<T>(call: (access: Access) => Promise<T>): Promise<T>
  readonly http: Http
  readonly files: Files
  /** The customer's own server beside the vendor's, if the connector has one and the settings name it. */
  readonly server: { readonly url: string; readonly password: Secret | null; readonly http: Http } | null
  readonly clock: Clock
  /**
   * When the run (or other piece of work) began. A plan of an earlier run is followed by a fresh one, so that the run
   * does not miss what was sold since.
   */
  readonly startedAt: Date
  /** A person asked for it: scans that are due only from time to time are due now. */
  readonly isManual: boolean
  /** In seconds after local midnight: from then on the daily wide scan is due. It differs between integrations. */
  readonly nightAt: number
  /** The rules of the mapping are newer than what is stored: nothing stored may take the place of a call. */
  readonly mapsAnew: boolean
  /** The business's zone and currency, for connectors whose settings and account name none. */
  readonly fallback: { readonly timezone: string; readonly currency: string }
  /** External ids that are stored and not cancelled within a scope: a complete scan of it should show them all. */
  storedIds(scope: StoredScope): Promise<readonly string[]>
  /** By external id, including cancelled ones: saves vendor calls for known sales. */
  storedSales(externalIds: readonly string[]): Promise<ReadonlyMap<string, StoredSale>>
  /** Stored sales that are not cancelled and have the instant, kind and sum of one of these, under any id. */
  twins(of: readonly Omit<Twin, 'externalId'>[]): Promise<readonly Twin[]>
  /** The saved formats of the integration's files. */
  formats(): Promise<readonly Format[]>
  /** The aliases under which a sale is stored. */
  aliases(among: readonly string[]): Promise<ReadonlySet<string>>
}

export interface Capability {
  readonly name: string
  readonly required: boolean
  readonly ok: boolean
  /** In plain words what is wrong and what to do, or what was found. */
  readonly detail: LocalizedText
  /** The CRM did not answer, so nothing is known. */
  readonly isUnanswered?: boolean
}

export interface Account {
  readonly externalId: string
  readonly name: string
  readonly timezone: string | null
  readonly currency: string | null
}

/** One branch, restaurant, shop or clinic inside an account. */
export interface Location {
  readonly externalId: string
  readonly name: string
  readonly timezone: string | null
}

/** The result of `check`. The public report is ok when every required capability is. */
export interface Check {
  readonly account: Account | null
  /** Those that a sync reads; left out where the CRM has none. */
  readonly locations?: readonly Location[]
  readonly capabilities: readonly Capability[]
  /** At most three transactions, as the sync would store them. */
  readonly sample: readonly CanonicalTransaction[]
}

export interface CredentialField {
  readonly name: CredentialName
  /** What callers of the API name it, where that is not `name`. The same for every connector that uses it. */
  readonly publicName?: string
  readonly required: boolean
  /** A user's name: no secret. */
  readonly isName?: true
  /** A password, which may begin or end with spaces. */
  readonly isAsTyped?: true
  /** Why a value cannot work at all; null when it may. */
  readonly refuse?: (value: string) => LocalizedText | null
  readonly label: LocalizedText
  readonly help: LocalizedText
}
