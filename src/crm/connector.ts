// Describes a connector. It speaks one vendor's protocol and returns canonical transactions. It knows nothing about the
// database, runs or HTTP routes, and vendor words stay inside its folder.
import type * as z from 'zod'
import type {
  AppliedRule,
  CanonicalTransaction,
  Check,
  CredentialField,
  CredentialName,
  Hint,
  LocalizedText,
  MappedRecord,
  NoRecord,
  Page,
  Session,
  Window,
} from '#crm/contract.ts'
import type { ConnectForm } from '#crm/form.ts'
import type { Imports } from '#crm/imports.ts'
import type { MarketplaceSettings } from '#crm/marketplace.ts'
import type { OAuthFlow } from '#crm/oauth.ts'
import type { Pace, SharedLimit } from '#crm/pace.ts'
import type { Rules } from '#crm/rules.ts'
import type { Webhook } from '#crm/webhook.ts'
import type { CrmType } from '#lib/crm-types.ts'

/** A stored sale, as far as it says where the vendor would show it. */
export interface ShownSale {
  readonly externalId: string
  readonly occurredAt: string
  readonly locationId: string | null
}

export interface Connector<Settings, Cursor> {
  readonly type: CrmType
  readonly title: string
  readonly credentials: readonly CredentialField[]
  /** The texts of a page that asks for a connection. */
  readonly form: ConnectForm<Settings>
  /** Raised by every change of the rules of a mapping: then quarantine and the wide window are read again. */
  readonly mapVersion: number
  /** `additionalConfig`, strict: unknown keys are refused; defaults are applied. */
  readonly settings: z.ZodType<Settings>
  /**
   * The stored cursor; one that does not parse is a first sync. Where a feed is read less often than the others, its
   * member `asOf` (RFC 3339, or null) is when that was read last: what is stored is no fresher.
   */
  readonly cursor: z.ZodType<Cursor>
  /** `apiUrl` is the address of a file: it may have a query and is optional. */
  readonly isFileAddress?: boolean
  /** Of `additionalConfig` as it is stored. Null where `apiUrl` is required (or optional without a default). */
  defaultApiUrl(config: Readonly<Record<string, unknown>>): string | null
  /** There is no account that could be another: files. */
  readonly isAccountless?: true
  /** Credentials open one account, whatever the settings say: these choose no branches that make up another. */
  readonly isOneAccount?: true
  /** Ids are unique within an installation only: the same ones at another address are of another account. */
  readonly hasInstallations?: true
  /** The customer's own address is the only one, and it is required. */
  readonly needsApiUrl?: true
  /** What is stored of an address as people paste it. */
  readonly cleanUrl?: (pasted: string) => string
  /** The vendor's own origins: the secret of the service's app is sent to these alone, and nowhere when left out. */
  readonly ownOrigins?: RegExp
  /** `apiUrl` is one of these and nothing else. */
  readonly needsOwnOrigin?: true
  readonly pace: Pace
  /** The local hour from which on wide scans may be made at night; midnight when left out. */
  readonly nightFromHour?: number
  /** Left out: the vendor has none that is known, or the customer runs the server. */
  readonly sharedLimit?: SharedLimit<Settings>
  readonly server?: OwnServer<Settings>
  readonly capabilities: { readonly webhooks: boolean; readonly backfill: boolean; readonly fetchOne: boolean }
  /** Sentences for this vendor's error reasons; the common ones are in crm/messages.ts. */
  readonly messages: Readonly<Record<string, LocalizedText>>
  /** Why its records count as they do. The mapping decides by these and by nothing else. */
  readonly rules: Rules
  /** Never throws for a vendor's error: it becomes a capability that is not ok. Uses the same client as `pull`. */
  check(session: Session<Settings>): Promise<Check>
  /** Throws CrmError. Without a window: what changed since the cursor (null: the first sync). With one: that period. */
  pull(session: Session<Settings>, cursor: Cursor | null, window?: Window): AsyncIterable<Page<Cursor>>
  /** The least number of vendor calls for a window, given the expected sales a day. */
  estimateCalls?(window: Window, salesPerDay: number): number
  readonly imports?: Imports<Settings, Cursor>
  /** One object as it is now, or `gone`; or why it is no record. Throws CrmError. */
  fetchOne?(session: Session<Settings>, hint: Hint): Promise<MappedRecord | NoRecord>
  /** For files, which nobody can ask again: by what a stored sale of one counts as it does. */
  storedRule?(sale: Pick<CanonicalTransaction, 'kind' | 'status'>): AppliedRule
  /**
   * What the vendor's own report adds up, by day and location: at most seven days, both ends included. Null: this
   * account shows no such report. Throws CrmError. Left out: the vendor has none that is documented.
   */
  totals?(session: Session<Settings>, days: Days): Promise<readonly DayTotal[] | null>
  /**
   * Whether a pull of the period of a sale would show it. Not where its location is not read, or where the vendor keeps
   * it for less long. Left out: all of them.
   */
  shows?(settings: Settings, sale: ShownSale, now: Date): boolean
  /** How long the vendor's lists may lack a change, by its own documents; 0 when left out. */
  readonly lateSeconds?: number
  /** Left out: the vendor has no consent flow. */
  readonly oauth?: OAuthFlow
  /** Left out: the vendor has no marketplace from which our app is installed. */
  readonly marketplace?: MarketplaceSettings
  /** Left out: the vendor sends none. `capabilities.webhooks` is the same. */
  readonly webhook?: Webhook<Settings>
}

/** What the vendor itself adds up of one day at one location. */
export interface DayTotal {
  /** The location's day, `YYYY-MM-DD`. */
  readonly day: string
  /** Null: of all locations together. */
  readonly locationId: string | null
  /** Null: the vendor gives the sum alone. */
  readonly count: number | null
  readonly amountMinor: number
  readonly currency: string
  /** Which report of the vendor says so. */
  readonly source: string
}

/** Days of the locations, `YYYY-MM-DD`, both ends included. */
export interface Days {
  readonly from: string
  readonly to: string
}

/** A second server, run by the customer on any public host, with its own limits. */
export interface OwnServer<Settings> {
  /** The member of `additionalConfig` that names its address. */
  readonly field: string
  /** Without a trailing slash; null: not in use. */
  address(settings: Settings): string | null
  /** The user whose password the credential is; null: not in use. */
  login(settings: Settings): string | null
  /** Its password: required when the server is in use. */
  readonly credential: CredentialName
  readonly pace: Pace
}
