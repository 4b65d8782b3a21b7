/** `Retry-After` in both forms (RFC 9110, 10.2.3) as milliseconds from now; null when absent, past or unreadable. */
export function retryAfterMs(header: string | null, now: Date): number | null {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text) > 0 ? Number(text) * 1000 : null
  const date = Date.parse(text)
  return Number.isNaN(date) || date <= now.getTime() ? null : date - now.getTime()
}
