// What a connector says about its vendor's webhooks: `webhook` of crm/connector.ts. A hook is a hint where to look, not
// the truth: hooks come late, twice, out of order or never, and whoever knows the address can send one. So the vendor
// is asked.
import type { Hint, MappedRecord, Session, LocalizedText } from '#crm/contract.ts'
import type { Secret } from '#lib/secret.ts'

/**
 * How a vendor tells us that something has changed. Receipt calls `verify`, `parse` and `reply`, which see no database
 * and no settings and must be quick; what was received is worked off later: events of one object are merged, and it is
 * read once, by `map`, else `read`, else the connector's `fetchOne`.
 */
export interface Webhook<Settings> {
  /** On the raw bytes, in constant time. Left out: the address alone tells who it is. False: 401, counted, never worked off. */
  verify?(request: WebhookRequest, secret: Secret): Promise<boolean>
  /**
   * Pure; `lib/decode-body.ts` reads JSON and forms. Batches become several events; what cannot be read at all is
   * `unreadable`; events we do not follow are left out.
   */
  parse(body: WebhookBody): ParsedWebhook
  /** Whether an event is about the account that this integration is connected to. Left out: nothing to hold it against. */
  owns?(account: string, connected: { readonly settings: Settings; readonly apiUrl: string }): boolean
  /** The vendor's own id of a delivery; another delivery with the same id is a repeat. Left out: equal bodies are. */
  deliveryId?(request: WebhookRequest): string | null
  /** What of a body may be stored, where that is not all of it. `parse` reads the result too. */
  keep?(body: WebhookBody): WebhookBody
  /**
   * The object an event carries, by the same mapper as pulled ones; null: read it instead. Asks the vendor for no more
   * than what is asked once a session (a zone, a name). Stored as it is when it has `sourceUpdatedAt`; without one nobody
   * knows whether it is still so, and it only counts where the object cannot be read.
   */
  map?(session: Session<Settings>, event: WebhookEvent): Promise<MappedRecord | null>
  /** For events that concern several objects. Null: they cannot be read (yet); asked again a few times. Throws CrmError. */
  read?(session: Session<Settings>, hint: Hint): Promise<readonly MappedRecord[] | Instead | null>
  /** Left out: 200 for what is accepted and what nobody could read, 401 for unverified, 413 for too large. */
  reply?(outcome: WebhookOutcome): WebhookReply
  /** 1 MB when left out, 4 MB at most. */
  readonly bodyBytesMax?: number
  /** Larger bodies are answered 200 and dropped, since the vendor sends other things to the same address. */
  readonly dropsLarger?: boolean
  /** So long events of one object are waited for and merged; 3 when left out. */
  readonly quietSeconds?: number
  readonly registration?: WebhookRegistration<Settings>
  /** How a person sets the hook up in the CRM. `{url}` and `{secret}` are filled in. */
  readonly steps: LocalizedText
}

/** What was read in the place of an object that the key may not read. Its deliveries are marked. */
export interface Instead {
  readonly instead: readonly MappedRecord[]
}

/** A webhook as it is kept: `parse` sees it when it arrives and again when it is worked off or replayed. */
export interface WebhookBody {
  readonly contentType: string | null
  /** As it was sent. What a GET hook says in its query string counts as its body. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A webhook as it arrives. Its headers may hold secrets: they are looked at once and not kept. */
export interface WebhookRequest extends WebhookBody {
  readonly headers: Headers
}

/** One thing that a webhook tells. A hint where to look, not the truth. */
export interface WebhookEvent {
  /** Null: something has changed that cannot be named. A live sync looks for it. */
  readonly hint: Hint | null
  /** The vendor's account, company or organization that it is about, to be held against `owns`; null: it does not say. */
  readonly account: string | null
  /** Of the object, by the vendor; null: it does not tell, so the same body once more may be news. */
  readonly version: string | null
  /** The object itself, where the vendor sends it along: for `map`. */
  readonly object?: unknown
}

export type ParsedWebhook =
  /** None: nothing that we follow. Of such a delivery no body is kept. */
  | { readonly type: 'events'; readonly events: readonly WebhookEvent[] }
  | { readonly type: 'unreadable'; readonly reason: string }

/** What the vendor is to be answered: the outcome of receipt, which is all that is known by then. */
export type WebhookOutcome =
  | { readonly type: 'accepted'; readonly events: readonly WebhookEvent[] }
  | { readonly type: 'unreadable' | 'unverified' | 'too_large' }

export interface WebhookReply {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export interface WebhookTarget {
  readonly url: string
  /** For vendors that send along (or sign with) what they were given; belongs to this address and changes with it. */
  readonly secret: Secret
  /** Whether an address is a former one of ours, which leads nowhere any more: it may be taken out or overwritten. */
  readonly isFormer: (url: string) => Promise<boolean>
}

/**
 * `registered`: our address is there and gets the events we need. `disabled`: it is there, and the vendor or a person has
 * switched it off. `occupied`: another's address stands where there is room for one, and is left alone.
 */
export type WebhookRegistrationState = 'registered' | 'absent' | 'disabled' | 'occupied'

/** Where the vendor has an API for it. All throw CrmError, and all may be repeated. */
export interface WebhookRegistration<Settings> {
  read(session: Session<Settings>, target: WebhookTarget): Promise<WebhookRegistrationState>
  /** Reads first and keeps what others have set; former addresses of ours are taken away with it. */
  register(session: Session<Settings>, target: WebhookTarget): Promise<WebhookRegistrationState>
  /** Takes away our address and nothing else. */
  unregister(session: Session<Settings>, target: WebhookTarget): Promise<void>
}
