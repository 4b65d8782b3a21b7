import type { Context } from '#context.ts'
import { refreshIdle } from '#oauth/refresh-idle.ts'
import { cleanUp } from '#jobs/clean-up.ts'

/** What the night is for. Each part is tried even when another fails; throws what failed first. */
export async function runNightly(context: Context): Promise<void> {
  const parts = await Promise.allSettled([refreshIdle(context), cleanUp(context)])
  const failed = parts.find((part) => part.status === 'rejected')
  if (failed) throw failed.reason
}
