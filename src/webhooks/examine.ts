// Classifies a webhook before anything is stored. Only the connector is asked: neither the database nor the settings.
import type { Hint } from '#crm/contract.ts'
import {
  EVENTS_MAX,
  type OptionalSecret,
  type Webhook,
  type WebhookBody,
  type WebhookEvent,
  type WebhookOutcome,
  type WebhookRequest,
} from '#crm/webhook.ts'
import { sha256, sha256Hex } from '#crypto/digest.ts'
import type { Secret } from '#lib/secret.ts'
import type { ReasonCode } from '#webhooks/reasons.ts'

/** A delivery as the inbox takes it. */
export interface Delivery {
  /** Deliveries with the same key are one delivery; null: deliveries with the same body are. */
  readonly dedupeKey: string | null
  readonly status: 'new' | 'ignored' | 'rejected'
  readonly reason: ReasonCode | null
  /** An addition to the reason, in English. */
  readonly detail: string | null
  readonly contentType: string | null
  readonly body: Uint8Array<ArrayBuffer> | null
  /** Null: more has changed than is read one by one. */
  readonly hints: readonly Hint[] | null
  /** An equal delivery that comes after this one was processed may announce another change. */
  readonly mayRepeatAsNews: boolean
  /** Null: now. RFC 3339. */
  readonly receivedAt: string | null
  /** Null: the sender needs none, or was verified by one that all senders have. */
  readonly secret: OptionalSecret | null
}

export interface Examined {
  readonly delivery: Delivery
  readonly outcome: WebhookOutcome
}

/**
 * Deliveries that lead to nothing overwrite each other in this many slots for each reason, which caps them. Fifty are
 * enough to see what arrives.
 */
const SLOTS = 50
/** How much is kept of a body that leads to nothing: enough to recognize it. */
const REJECTED_BYTES_MAX = 4096
const CONTENT_TYPE_MAX = 200

/** `secret`: what the sender was given. */
export async function examine(
  webhook: Webhook<unknown>,
  request: WebhookRequest,
  secret: () => Promise<Secret>,
): Promise<Examined> {
  const verified = (await webhook.verify?.(request, await secret())) ?? true
  if (verified === false) {
    return { delivery: await rejected(request, 'unverified', null), outcome: { type: 'unverified' } }
  }
  const { delivery, outcome } = await examineVerified(webhook, request)
  return { delivery: { ...delivery, secret: verified === true ? null : verified }, outcome }
}

async function examineVerified(webhook: Webhook<unknown>, request: WebhookRequest): Promise<Examined> {
  const parsed = webhook.parse(request)
  if (parsed.type === 'unreadable') {
    return {
      delivery: await rejected(request, 'unreadable', parsed.reason, webhook.keep?.(request)),
      outcome: { type: 'unreadable' },
    }
  }
  const { events } = parsed
  if (events.length === 0) return { delivery: await ignored(request), outcome: { type: 'accepted', events } }
  const kept = webhook.keep?.(request) ?? request
  const id = webhook.deliveryId?.(request) ?? null
  const dedupeKey = id === null ? null : `id:${await sha256Hex(id)}`
  return { delivery: toDelivery(kept, events, dedupeKey), outcome: { type: 'accepted', events } }
}

/**
 * Replaces a delivery that names more changes than are read one by one; `store_delivery` does the same beyond its
 * quota. Such deliveries share one row for each integration, without a body. A sync reads the changes.
 */
export const RESCAN: Delivery = {
  ...{ dedupeKey: 'rescan', status: 'new', reason: 'too_many', detail: null, contentType: null, body: null },
  ...{ hints: null, mayRepeatAsNews: true, receivedAt: null, secret: null },
}

/** A delivery that leads to work. */
export function toDelivery(
  { contentType, bytes }: WebhookBody,
  events: readonly WebhookEvent[],
  dedupeKey: string | null,
): Delivery {
  if (events.length > EVENTS_MAX) return RESCAN
  return {
    ...{ dedupeKey, status: 'new', reason: null, detail: null, body: bytes, receivedAt: null, secret: null },
    contentType: contentType?.slice(0, CONTENT_TYPE_MAX) ?? null,
    hints: events.flatMap(({ hint }) => hint ?? []),
    mayRepeatAsNews: dedupeKey === null && events.some(({ version }) => version === null),
  }
}

/** A body that was not read: larger than any sale, so it is about something else or not from the vendor. */
export function tooLarge(webhook: Webhook<unknown>): Examined {
  const isDropped = webhook.dropsLarger === true
  return {
    delivery: {
      ...{ dedupeKey: 'too_large', status: isDropped ? 'ignored' : 'rejected', reason: 'too_large', detail: null },
      ...{ contentType: null, body: null, hints: [], mayRepeatAsNews: false, receivedAt: null, secret: null },
    },
    outcome: isDropped ? { type: 'accepted', events: [] } : { type: 'too_large' },
  }
}

async function rejected(
  body: WebhookBody,
  reason: ReasonCode,
  detail: string | null,
  { bytes } = body,
): Promise<Delivery> {
  return {
    ...{
      dedupeKey: await slotKey(body, reason),
      status: 'rejected',
      reason,
      detail,
      mayRepeatAsNews: false,
      receivedAt: null,
      secret: null,
    },
    ...{ contentType: body.contentType?.slice(0, CONTENT_TYPE_MAX) ?? null, hints: [] },
    body: bytes.slice(0, REJECTED_BYTES_MAX),
  }
}

async function ignored(body: WebhookBody): Promise<Delivery> {
  return {
    ...{ dedupeKey: await slotKey(body, 'not_followed'), status: 'ignored', reason: 'not_followed', detail: null },
    ...{ contentType: body.contentType?.slice(0, CONTENT_TYPE_MAX) ?? null, body: null, hints: [] },
    ...{ mayRepeatAsNews: false, receivedAt: null, secret: null },
  }
}

async function slotKey({ bytes }: WebhookBody, reason: ReasonCode): Promise<string> {
  const [first = 0] = await sha256(bytes)
  return `${reason}:${first % SLOTS}`
}
