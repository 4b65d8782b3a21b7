// 1C's JSON → plain values. Field names come from settings and differ between bases, so rows stay records and are read
// field by field. Accepts what senders of pushed objects write too: GUIDs in upper case or braces, `Истина`, decimal
// commas, dates in any form that 1C itself writes.

export type Row = Readonly<Record<string, unknown>>

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const GUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/
const EMPTY_GUID = '00000000-0000-0000-0000-000000000000'

/** In lower case. Null for the empty reference and for anything that is not a GUID. */
export function guidOf(value: unknown): string | null {
  const guid = typeof value === 'string' ? GUID.exec(value.trim().toLowerCase())?.[1] : undefined
  return guid === undefined || guid === EMPTY_GUID ? null : guid
}

/** Fixed-length strings come padded with spaces. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).trim()
    : ''
}

export function isTrue(value: unknown): boolean {
  return value === true || ['true', 'истина', 'да', '1'].includes(textOf(value).toLowerCase())
}

/** A number, or text that lib/money.ts can read; null for anything else. Int64 values come as text. */
export function decimalOf(value: unknown): string | number | null {
  if (typeof value === 'number') return value
  const text = typeof value === 'string' ? value.replaceAll(/[\s\u00A0\u202F]/g, '').replace(',', '.') : ''
  return text === '' ? null : text
}

const DAY_FIRST = /^(\d{1,2})\.(\d\d)\.(\d{4})(?:[\s,T]{1,3}(\d{1,2}):(\d\d)(?::(\d\d))?)?$/
/** JSON of 1C in Microsoft's form and in that of a script: milliseconds since 1970. */
const MILLISECONDS = /^(?:\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/|new Date\((-?\d{1,15})\))$/

/**
 * Of a document, in a form that lib/time.ts reads: local time, or an instant where the sender says so. Null for the
 * empty date and for anything that is not a date.
 */
export function timeOf(value: unknown): string | null {
  const text = textOf(value)
  const [, script, microsoft] = MILLISECONDS.exec(text) ?? []
  const milliseconds = new Date(Number(script ?? microsoft))
  if (!Number.isNaN(milliseconds.getTime())) return milliseconds.toISOString()
  const [, day = '', month, year, hour = '0', minute = '00', second = '00'] = DAY_FIRST.exec(text) ?? []
  const iso =
    year === undefined
      ? text
          .replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?=$|[Z+-])/, '$1-$2-$3T$4:$5:$6')
          .replace(/^\d{4}-\d\d-\d\d$/, '$&T00:00:00')
          .replace(/\s+(?=(?:Z|[+-]\d\d:?\d\d)$)/, '')
      : `${year}-${month}-${day.padStart(2, '0')}T${hour.padStart(2, '0')}:${minute}:${second}`
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(iso) && !iso.startsWith('0001-') ? iso : null
}

/** Of a row of a list, as local time; null for the empty date and for anything that is not a date. */
export function localTimeOf(value: unknown): string | null {
  const text = textOf(value).replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6')
  const localTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(text)?.[0] ?? null
  return localTime === null || localTime.startsWith('0001-') || Number.isNaN(Date.parse(`${localTime}Z`))
    ? null
    : localTime
}

export function rowsOf(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.filter(isRow) : []
}

export function keyOf(row: Row): string | null {
  return guidOf(row['Ref_Key'])
}
