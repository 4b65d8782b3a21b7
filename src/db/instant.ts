/** Postgres' text form of a timestamptz (`2026-01-02 03:04:05.678901+00`) as RFC 3339 in UTC with milliseconds. */
export function isoInstant(text: string): string {
  const date = new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
  return date.toISOString()
}

export function isoInstantOrNull(text: string | null): string | null {
  return text === null ? null : isoInstant(text)
}
