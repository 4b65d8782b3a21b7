// How often one subject may call for one business. Cloudflare's binding counts for each of its locations and a little
// late, so the limits are approximate: they stop a script that went wrong, and are no quota to the call.
import type { Principal } from '#api/auth/verify-token.ts'
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'
import { type Quota, QUOTA_SECONDS, quotaOf } from '#lib/quotas.ts'

/** Throws Problem `too_many_requests`. While the binding fails, every call goes through. */
export async function countCall(context: Context, quota: Quota, { subject, businessId }: Principal): Promise<void> {
  const binding = quota === 'reads' ? context.readLimit : context.writeLimit
  if (await isWithin(context, binding, `${businessId ?? ''}:${subject}`)) return
  const most = quotaOf(quota, context.config.rateLimitScale)
  throw new Problem('too_many_requests', {
    detail: { en: `More than ${most} ${quota} in a minute.`, ru: `Больше ${most} запросов в минуту.` },
    headers: { 'retry-after': String(QUOTA_SECONDS) },
  })
}

async function isWithin({ log }: Context, binding: RateLimit, key: string): Promise<boolean> {
  try {
    return (await binding.limit({ key })).success
  } catch (error) {
    log.warn('rate_limit_failed', { error })
    return true
  }
}
