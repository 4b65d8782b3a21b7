// What a connector declares about its vendor's webhooks: `webhook` in crm/connector.ts. A hook is a hint, not the
// truth: hooks come late, twice, out of order or never, and anyone who knows the address can send one. So the object is
// read from the vendor.
import type { Hint, MappedRecord, Session, LocalizedText } from '#crm/contract.ts'
import type { Secret } from '#lib/secret.ts'

/**
 * How many changes of one delivery are read one by one. One sale sends a few, a vendor's batch some dozens. A delivery
 * with more is a mass change, or forged: a sync then reads the changes page by page, with a few calls.
 */
export const EVENTS_MAX = 100

/**
 * How a vendor reports changes. Receipt calls `verify`, `parse` and `reply`, which have no access to the database and
 * the settings and must be quick. Later the events of one object are merged, and the object is read once: by `map`,
 * else by `read`, else by the connector's `fetchOne`.
 */
export interface Webhook<Settings> {
  /**
   * On the raw bytes, in constant time. Left out: the address alone identifies the sender. False: 401, counted, never
   * processed.
   */
  verify?(request: WebhookRequest, secret: Secret): Promise<boolean | OptionalSecret>
  /**
   * Pure; `lib/decode-body.ts` reads JSON and forms. A batch becomes several events; a body that cannot be read at all
   * is `unreadable`; events that are not followed are left out.
   */
  parse(body: WebhookBody): ParsedWebhook
  /** Whether an event is about the connected account. Left out: events are not compared with it. */
  owns?(account: string, connected: { readonly settings: Settings; readonly apiUrl: string }): boolean
  /**
   * The vendor's own id of a delivery; another delivery with the same id is a repeat. Left out: equal bodies are
   * repeats.
   */
  deliveryId?(request: WebhookRequest): string | null
  /** The part of a body that may be stored, if not all of it. `parse` must read the result too. */
  keep?(body: WebhookBody): WebhookBody
  /**
   * Maps the object in an event like a pulled one; null: read it instead. May only call the vendor for what is read
   * once a session (a zone, a name). A record with `sourceUpdatedAt` is stored; one without may be outdated, so it only
   * counts where the object cannot be read.
   */
  map?(session: Session<Settings>, event: WebhookEvent): Promise<MappedRecord | null>
  /** For events about several objects. Null: they cannot be read (yet); tried again a few times. Throws CrmError. */
  read?(session: Session<Settings>, hint: Hint): Promise<readonly MappedRecord[] | Instead | null>
  /** Left out: 200 for accepted and unreadable hooks, 401 for unverified, 413 for too large. */
  reply?(outcome: WebhookOutcome): WebhookReply
  /** 1 MB when left out, 4 MB at most. */
  readonly bodyBytesMax?: number
  /** Larger bodies are answered 200 and dropped: the vendor sends other things to the same address. */
  readonly dropsLarger?: boolean
  /** How long events of one object are collected and merged; 3 when left out. */
  readonly quietSeconds?: number
  readonly registration?: WebhookRegistration<Settings>
  /** How a person sets the hook up in the CRM. `{url}` and `{secret}` are filled in. */
  readonly steps: LocalizedText
}

/**
 * For vendors whose senders need not have the secret. Once one has shown it, all of this address have to: `absent` is
 * then refused like a wrong secret.
 */
export type OptionalSecret = 'shown' | 'absent'

/** What was read instead of an object that the key may not read. Its deliveries are marked. */
export interface Instead {
  readonly instead: readonly MappedRecord[]
}

/** A webhook as it is stored: `parse` gets it on arrival, and again when it is processed or replayed. */
export interface WebhookBody {
  readonly contentType: string | null
  /** As it was sent. The query string of a GET hook counts as its body. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A webhook as it arrives. Its headers may hold secrets: they are read once and not stored. */
export interface WebhookRequest extends WebhookBody {
  readonly headers: Headers
}

/** One event of a webhook. A hint, not the truth. */
export interface WebhookEvent {
  /** Null: something has changed that has no id. A live sync finds it. */
  readonly hint: Hint | null
  /** The vendor's account, company or organization, for `owns`; null: the event does not name it. */
  readonly account: string | null
  /** The vendor's version of the object; null: there is none, so the same body may be a new event. */
  readonly version: string | null
  /** The object itself, if the vendor sends it: for `map`. */
  readonly object?: unknown
}

export type ParsedWebhook =
  /** Empty: nothing that is followed. The body of such a delivery is not stored. */
  | { readonly type: 'events'; readonly events: readonly WebhookEvent[] }
  | { readonly type: 'unreadable'; readonly reason: string }

/** The outcome of receipt, from which the answer to the vendor is made. */
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
  /** For vendors that send a secret or sign with it; belongs to this address and changes with it. */
  readonly secret: Secret
  /** Whether an address is a former one of ours, which leads nowhere: it may be removed or overwritten. */
  readonly isFormer: (url: string) => Promise<boolean>
}

/**
 * `registered`: our address is registered for the events we need. `disabled`: it is registered, but the vendor or a
 * person has switched it off. `occupied`: there is room for one address, and another service's is left in it.
 */
export type WebhookRegistrationState = 'registered' | 'absent' | 'disabled' | 'occupied'

/** For vendors with an API for it. All methods throw CrmError and may be repeated. */
export interface WebhookRegistration<Settings> {
  read(session: Session<Settings>, target: WebhookTarget): Promise<WebhookRegistrationState>
  /** Reads first and keeps the entries of others; former addresses of ours are removed. */
  register(session: Session<Settings>, target: WebhookTarget): Promise<WebhookRegistrationState>
  /** Removes our address and nothing else. */
  unregister(session: Session<Settings>, target: WebhookTarget): Promise<void>
}
