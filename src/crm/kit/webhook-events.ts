// What bodies of webhooks have in common.
import { EVENTS_MAX, type ParsedWebhook, type WebhookBody, type WebhookEvent } from '#crm/webhook.ts'
import { decodeBody } from '#lib/decode-body.ts'

/** An unreadable event among readable ones: the next live sync finds what it was about. */
export const UNNAMED: WebhookEvent = { hint: null, account: null, version: null }

/**
 * For vendors that send one event or an array of them. `toEvents` returns null for a row that is not an event of
 * `vendor`.
 */
export function parseEach(
  body: WebhookBody,
  vendor: string,
  toEvents: (row: unknown) => readonly WebhookEvent[] | null,
): ParsedWebhook {
  const decoded = decodeBody(body)
  if (decoded.type === 'unreadable') return decoded
  const rows: readonly unknown[] = Array.isArray(decoded.value) ? decoded.value : [decoded.value]
  // One more than EVENTS_MAX is enough to see that there are too many.
  const read = rows.slice(0, EVENTS_MAX + 1).map(toEvents)
  if (rows.length > 0 && read.every((events) => events === null)) {
    return { type: 'unreadable', reason: `it is not an event of ${vendor}` }
  }
  const unread = rows.length > read.length ? [UNNAMED] : []
  return { type: 'events', events: [...read.flatMap((events) => events ?? [UNNAMED]), ...unread] }
}
