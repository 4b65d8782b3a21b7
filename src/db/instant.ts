const UTC = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?\+00$/

/** Postgres' text form of a timestamptz (`2026-01-02 03:04:05.678901+00`) as RFC 3339 in UTC with milliseconds. */
export function isoInstant(text: string): string {
  const [, day, time, fraction = ''] = UTC.exec(text) ?? []
  if (day !== undefined) return `${day}T${time}.${fraction.padEnd(3, '0')}Z`
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')).toISOString()
}

export function isoInstantOrNull(text: string | null): string | null {
  return text === null ? null : isoInstant(text)
}
