import type { Context } from '#context.ts'
import { createBoundedCache } from '#lib/bounded-cache.ts'
import { enqueueInboxes } from '#queue/enqueue.ts'

/** How long the queue may take while the vendor waits. With storing that makes less than two seconds. */
export const SEND_MS = 700

/** A message that fires within this time may have been taken already. */
const MARGIN_MS = 500
/** About a megabyte of an isolate's memory. */
const INBOXES_MAX = 10_000

/** When the last message that this isolate sent for an inbox fires. A forgotten entry costs one more message. */
const firesAtCache = createBoundedCache<string, number>(INBOXES_MAX)

/**
 * Sends a message for an inbox, unless one is under way that fires late enough to include the new delivery. When the
 * queue does not answer in time nothing is lost: the cron sweeps what is stored.
 */
export async function notifyInbox(context: Context, integrationId: string, quietSeconds: number): Promise<void> {
  const now = context.clock.now().getTime()
  const firesAt = firesAtCache.get(integrationId) ?? 0
  if (now < firesAt - MARGIN_MS && firesAt <= now + quietSeconds * 1000) return
  if (await enqueueInboxes(context, [integrationId], quietSeconds, { timeoutMs: SEND_MS })) {
    firesAtCache.set(integrationId, now + quietSeconds * 1000)
  }
}
