/** On every answer; a page that needs more (the API's viewer) sets its own policy. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'private, no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** Only for origins that are named in CORS_ORIGINS; tokens travel in a header, so no credentials mode. */
export function corsHeaders(request: Request, origins: readonly string[]): Readonly<Record<string, string>> {
  const origin = request.headers.get('origin')
  if (origin === null || !origins.includes(origin)) return {}
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-headers': 'authorization, content-type, if-match, if-none-match, last-event-id',
    'access-control-expose-headers': 'etag, x-request-id, server-timing, retry-after',
    'access-control-max-age': '7200',
    'cross-origin-resource-policy': 'cross-origin',
    vary: 'origin',
  }
}
