// Receives a webhook: verifies, stores, notifies the inbox and answers, within the time of the most impatient vendor. A
// delivery answered with 200 is stored or in the queue; when both fail the answer is 503, and the vendor sends it
// again.
import type { Context } from '#context.ts'
import { findConnector } from '#crm/registry.ts'
import type { Webhook, WebhookOutcome, WebhookReply } from '#crm/webhook.ts'
import { Problem, PROBLEMS } from '#lib/errors.ts'
import { countRefusal } from '#webhooks/count-refusal.ts'
import { examine, type Examined, tooLarge } from '#webhooks/examine.ts'
import { notifyInbox } from '#webhooks/notify-inbox.ts'
import { keepInQueue } from '#webhooks/raw-delivery.ts'
import { readWebhook } from '#webhooks/read-request.ts'
import { type Address, storeDelivery, type Stored } from '#webhooks/store.ts'
import { hashOfMinted, secretOf } from '#integrations/webhook-token.ts'

/** One change at a vendor often sends several hooks within a second or two. */
const QUIET_SECONDS = 3
/** A sale takes kilobytes. */
const BODY_BYTES_MAX = 1_000_000
/** The period of the rate limit in wrangler.toml. */
const LIMITED_SECONDS = '60'
/** The most impatient vendor waits two seconds; sending to the queue may take 0.7 of them. */
const STORE_MS = 1000
/** A database that restarts is usually back by then. */
const RETRY_SECONDS = '30'

export interface Received {
  readonly crmType: string
  readonly token: string
  readonly request: Request
}

/** Throws Problem `not_found` (no integration has this address), `too_many_requests`, `unavailable`. */
export async function receiveWebhook(context: Context, received: Received): Promise<Response> {
  const { crmType, token } = received
  const webhook = findConnector(crmType)?.webhook
  // Before anything is read, asked or counted: a made-up address must cost nothing.
  const tokenHash = webhook ? await hashOfMinted(context, crmType, token) : null
  if (!webhook || tokenHash === null) throw new Problem('not_found')
  try {
    const response = await answer(context, webhook, { ...received, tokenHash })
    if (response.status !== 200) countRefusal(context, crmType, response.status)
    return response
  } catch (error) {
    countRefusal(context, crmType, error instanceof Problem ? PROBLEMS[error.code].status : 500)
    throw error
  }
}

async function answer(
  context: Context,
  webhook: Webhook<unknown>,
  { crmType, token, tokenHash, request }: Received & Address,
): Promise<Response> {
  const address = { crmType, tokenHash }
  const { success } = await context.webhookLimit.limit({ key: tokenHash })
  if (!success) throw new Problem('too_many_requests', { headers: { 'retry-after': LIMITED_SECONDS } })
  const body = await readWebhook(request, webhook.bodyBytesMax ?? BODY_BYTES_MAX)
  const examined = body ? await examine(webhook, body, async () => secretOf(context, token)) : tooLarge(webhook)
  const outcome = await take(context, address, examined, webhook.quietSeconds ?? QUIET_SECONDS)
  const { status, contentType, body: text } = replyTo(webhook, outcome)
  return new Response(text, { status, headers: { 'content-type': contentType } })
}

async function take(
  context: Context,
  address: Address,
  examined: Examined,
  quietSeconds: number,
): Promise<WebhookOutcome> {
  const { delivery, outcome } = examined
  const stored = await tryToStore(context, address, examined, quietSeconds)
  if (stored === null) throw new Problem('not_found')
  if (stored === 'unanswered') {
    // A delivery that leads to nothing may be lost.
    if (delivery.status !== 'new' || (await keepInQueue(context, address, delivery))) return outcome
    throw new Problem('unavailable', { headers: { 'retry-after': RETRY_SECONDS } })
  }
  if (stored.isRefused) return { type: 'unverified' }
  if (stored.isWaiting) await notifyInbox(context, stored.integrationId, quietSeconds)
  return outcome
}

async function tryToStore(
  context: Context,
  address: Address,
  { delivery }: Examined,
  quietSeconds: number,
): Promise<Stored | null | 'unanswered'> {
  try {
    return await storeDelivery(context, address, delivery, { quietSeconds, timeoutMs: STORE_MS })
  } catch (error) {
    // The statement may still complete. The queue then brings the same delivery again, which is stored once.
    context.log.error('webhook_store_failed', { error, crmType: address.crmType })
    return 'unanswered'
  }
}

const TEXT = 'text/plain; charset=utf-8'
const REPLIES: Readonly<Record<WebhookOutcome['type'], WebhookReply>> = {
  accepted: { status: 200, contentType: TEXT, body: 'ok' },
  // A repeat would be just as unreadable, and vendors switch off addresses that refuse too often.
  unreadable: { status: 200, contentType: TEXT, body: 'ignored' },
  unverified: { status: 401, contentType: TEXT, body: 'unauthorized' },
  too_large: { status: 413, contentType: TEXT, body: 'too large' },
}

function replyTo(webhook: Webhook<unknown>, outcome: WebhookOutcome): WebhookReply {
  return webhook.reply?.(outcome) ?? REPLIES[outcome.type]
}
