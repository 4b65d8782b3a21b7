import type { Context } from '#context.ts'
import { enqueueInboxes } from '#queue/enqueue.ts'

/** How long the queue may take while a vendor waits for its answer: with storing, within two seconds. */
export const SEND_MS = 700

/** A message that fires so soon may have been taken already. */
const MARGIN_MS = 500
const INBOXES_MAX = 10_000

/** When the last message for an inbox fires, as far as this isolate has sent one. Forgetting it costs a message. */
const firesAtCache = new Map<string, number>()

/**
 * Sends a message for an inbox, unless one is on its way that will take the delivery along: floods are one at a time. Not
 * waited for longer than it takes: what is stored is swept.
 */
export async function notifyInbox(context: Context, integrationId: string, quietSeconds: number): Promise<void> {
  const now = context.clock.now().getTime()
  const firesAt = firesAtCache.get(integrationId) ?? 0
  if (now < firesAt - MARGIN_MS && firesAt <= now + quietSeconds * 1000) return
  if (firesAtCache.size >= INBOXES_MAX) firesAtCache.clear()
  if (await enqueueInboxes(context, [integrationId], quietSeconds, { timeoutMs: SEND_MS })) {
    firesAtCache.set(integrationId, now + quietSeconds * 1000)
  }
}
