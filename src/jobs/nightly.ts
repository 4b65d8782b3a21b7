import type { Context } from '#context.ts'
import { refreshIdle } from '#oauth/refresh-idle.ts'
import { compareLists } from '#marketplace/compare-lists.ts'
import { watchRegistrations } from '#integrations/watch-registrations.ts'
import { cleanUp } from '#jobs/clean-up.ts'
import { reseal } from '#keys/reseal.ts'

/** The nightly work. It tries each part even when another fails, and throws the first failure. */
export async function runNightly(context: Context): Promise<void> {
  const parts = await Promise.allSettled([
    ...[refreshIdle(context), watchRegistrations(context), compareLists(context)],
    ...[cleanUp(context), reseal(context)],
  ])
  const failed = parts.find((part) => part.status === 'rejected')
  if (failed) throw failed.reason
}
