// What can be told of a webhook before anything is stored: by the connector alone, without database and settings.
import type { Hint } from '#crm/contract.ts'
import type { Webhook, WebhookBody, WebhookEvent, WebhookOutcome, WebhookRequest } from '#crm/webhook.ts'
import { sha256, sha256Hex } from '#crypto/digest.ts'
import { Secret } from '#lib/secret.ts'
import type { ReasonCode } from '#webhooks/reasons.ts'

/** A delivery as the inbox takes it. */
export interface Delivery {
  /** What else has it is the same delivery; null: what has the same body. */
  readonly dedupeKey: string | null
  readonly status: 'new' | 'ignored' | 'rejected'
  readonly reason: ReasonCode | null
  /** What the reason has to add, in English. */
  readonly detail: string | null
  readonly contentType: string | null
  readonly body: Uint8Array<ArrayBuffer> | null
  readonly hints: readonly Hint[]
  /** The same once more, after it was worked off, may be news. */
  readonly mayRepeatAsNews: boolean
  /** Null: now. RFC 3339. */
  readonly receivedAt: string | null
}

export interface Examined {
  readonly delivery: Delivery
  readonly outcome: WebhookOutcome
}

/** Deliveries that lead to nothing are kept in so many places each, the newest of what falls into one: a cap by itself. */
const PLACES = 50
/** Of a body that leads to nothing, enough to see what it is. */
const REJECTED_BYTES_MAX = 4096
const CONTENT_TYPE_MAX = 200

/** `secrets`: what the sender may have been given, by any key of the ring. */
export async function examine(
  webhook: Webhook<unknown>,
  request: WebhookRequest,
  secrets: () => Promise<readonly string[]>,
): Promise<Examined> {
  if (webhook.verify && !(await isVerified(webhook, request, await secrets()))) {
    return { delivery: await rejected(request, 'unverified', null), outcome: { type: 'unverified' } }
  }
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

/** One that leads to something. */
export function toDelivery(
  { contentType, bytes }: WebhookBody,
  events: readonly WebhookEvent[],
  dedupeKey: string | null,
): Delivery {
  return {
    ...{ dedupeKey, status: 'new', reason: null, detail: null, body: bytes, receivedAt: null },
    contentType: contentType?.slice(0, CONTENT_TYPE_MAX) ?? null,
    hints: events.flatMap(({ hint }) => hint ?? []),
    mayRepeatAsNews: dedupeKey === null && events.some(({ version }) => version === null),
  }
}

/** A body that nobody has read: the vendor sends other things to the same address, or somebody else does. */
export function tooLarge(webhook: Webhook<unknown>): Examined {
  const isDropped = webhook.dropsLarger === true
  return {
    delivery: {
      ...{ dedupeKey: 'too_large', status: isDropped ? 'ignored' : 'rejected', reason: 'too_large', detail: null },
      ...{ contentType: null, body: null, hints: [], mayRepeatAsNews: false, receivedAt: null },
    },
    outcome: isDropped ? { type: 'accepted', events: [] } : { type: 'too_large' },
  }
}

async function isVerified(
  webhook: Webhook<unknown>,
  request: WebhookRequest,
  secrets: readonly string[],
): Promise<boolean> {
  const found = await Promise.all(secrets.map(async (secret) => webhook.verify?.(request, new Secret(secret))))
  return found.includes(true)
}

async function rejected(
  body: WebhookBody,
  reason: ReasonCode,
  detail: string | null,
  { bytes } = body,
): Promise<Delivery> {
  return {
    ...{
      dedupeKey: await place(body, reason),
      status: 'rejected',
      reason,
      detail,
      mayRepeatAsNews: false,
      receivedAt: null,
    },
    ...{ contentType: body.contentType?.slice(0, CONTENT_TYPE_MAX) ?? null, hints: [] },
    body: bytes.slice(0, REJECTED_BYTES_MAX),
  }
}

async function ignored(body: WebhookBody): Promise<Delivery> {
  return {
    ...{ dedupeKey: await place(body, 'not_followed'), status: 'ignored', reason: 'not_followed', detail: null },
    ...{ contentType: body.contentType?.slice(0, CONTENT_TYPE_MAX) ?? null, body: null, hints: [] },
    ...{ mayRepeatAsNews: false, receivedAt: null },
  }
}

async function place({ bytes }: WebhookBody, reason: ReasonCode): Promise<string> {
  const [first = 0] = await sha256(bytes)
  return `${reason}:${first % PLACES}`
}
