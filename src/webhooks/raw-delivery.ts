// When the database does not answer, the delivery itself travels through the queue until it is stored. It is the one
// kind of message that holds more than an id.
import * as z from 'zod'
import type { Context, RawDelivery } from '#context.ts'
import { findConnector } from '#crm/registry.ts'
import { sha256Hex } from '#crypto/digest.ts'
import { enqueueDelivery, enqueueInboxes } from '#queue/enqueue.ts'
import { type Delivery, RESCAN, toDelivery } from '#webhooks/examine.ts'
import { SEND_MS } from '#webhooks/notify-inbox.ts'
import { type Address, storeDelivery } from '#webhooks/store.ts'

/** A message may have 128 KB, and base64 takes four thirds. */
const BODY_BYTES_MAX = 90_000
/** Pauses double up to a minute, so that a database that is back is used soon. */
const WAIT_SECONDS_MAX = 60
/** How `store_delivery` begins the keys that it makes from bodies. */
const BY_BODY = 'body:'

export const RawDeliveryMessage = z.strictObject({
  kind: z.literal('delivery'),
  crmType: z.string(),
  tokenHash: z.hex(),
  dedupeKey: z.string(),
  receivedAt: z.iso.datetime(),
  contentType: z.string().nullable(),
  secret: z.enum(['shown', 'absent']).nullable(),
  body: z.base64(),
  tries: z.int(),
}) satisfies z.ZodType<RawDelivery>

/** False: the queue refuses it too, or it is too large for a message. */
export async function keepInQueue(context: Context, address: Address, delivery: Delivery): Promise<boolean> {
  const body = delivery.dedupeKey === RESCAN.dedupeKey ? new Uint8Array() : delivery.body
  if (!body || body.length > BODY_BYTES_MAX) return false
  const message: RawDelivery = {
    kind: 'delivery',
    crmType: address.crmType,
    tokenHash: address.tokenHash,
    dedupeKey: delivery.dedupeKey ?? `${BY_BODY}${await sha256Hex(body)}`,
    receivedAt: context.clock.now().toISOString(),
    contentType: delivery.contentType,
    secret: delivery.secret,
    body: body.toBase64(),
    tries: 0,
  }
  return enqueueDelivery(context, message, { timeoutMs: SEND_MS })
}

function deliveryOf({ crmType, contentType, body, dedupeKey }: RawDelivery): Delivery | null {
  if (dedupeKey === RESCAN.dedupeKey) return RESCAN
  const received = { contentType, bytes: Uint8Array.fromBase64(body) }
  const parsed = findConnector(crmType)?.webhook?.parse(received)
  if (parsed?.type !== 'events') return null
  return toDelivery(received, parsed.events, dedupeKey.startsWith(BY_BODY) ? null : dedupeKey)
}

/**
 * Stores what a message carries, or sends it anew while the database does not answer. Throws when the queue refuses it.
 */
export async function storeFromQueue(context: Context, message: RawDelivery): Promise<void> {
  const { crmType, tokenHash, tries } = message
  const carried = deliveryOf(message)
  if (!carried) {
    context.log.error('webhook_unreadable_in_queue', { crmType })
    return
  }
  const delivery = { ...carried, receivedAt: message.receivedAt, secret: message.secret }
  try {
    const stored = await storeDelivery(context, { crmType, tokenHash }, delivery, { quietSeconds: 0 })
    if (stored?.isWaiting) await enqueueInboxes(context, [stored.integrationId])
    context.log.info('webhook_stored_late', { crmType, tries, isKnown: stored !== null })
  } catch (error) {
    // Sent anew instead of retried: the queue gives up a message after a few retries, and the vendor had its 200.
    context.log.warn('webhook_store_failed', { error, crmType, tries })
    const delaySeconds = Math.min(2 ** (tries + 1), WAIT_SECONDS_MAX)
    const isSent = await enqueueDelivery(context, { ...message, tries: tries + 1 }, { delaySeconds })
    if (!isSent) throw new Error('the queue refuses a delivery that the database does not take', { cause: error })
  }
}
