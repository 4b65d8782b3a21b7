// How much of the API a caller may use, and the header that says so.

/** Calls a minute, as the `ratelimits` of wrangler.toml have them. */
export const QUOTAS = { reads: 600, writes: 120, webhooks: 3000 } as const
export type Quota = keyof typeof QUOTAS

export const QUOTA_SECONDS = 60

/** `scale`: RATE_LIMIT_SCALE; the CRMs that call webhooks have no part in it. */
export function quotaOf(quota: Quota, scale: number): number {
  return quota === 'webhooks' ? QUOTAS.webhooks : QUOTAS[quota] * scale
}

/** `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers). */
export function policyOf(quota: Quota, scale: number): string {
  return `"${quota}";q=${quotaOf(quota, scale)};w=${QUOTA_SECONDS}`
}

export function quotaOfMethod(method: string): Quota {
  return ['GET', 'HEAD', 'OPTIONS'].includes(method.toUpperCase()) ? 'reads' : 'writes'
}
