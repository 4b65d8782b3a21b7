// OData as 1C speaks it (version 3): literals, and addresses with every part percent-encoded. A space is `%20`, since
// 1C reads a `+` as a plus.

const TAIL = '/odata/standard.odata'
/** IIS refuses longer query strings by default (2048 bytes). */
const QUERY_CHARS_MAX = 2000

export interface Query {
  readonly filter?: string | null | undefined
  readonly select?: string | null | undefined
  readonly orderby?: string | undefined
  readonly top?: number | undefined
  readonly skip?: number | undefined
  readonly allowedOnly?: boolean | undefined
}

/** Accepts the address of the base or of its OData service. */
export function serviceUrl(apiUrl: string): string {
  const trimmed = apiUrl.replace(/\/+$/, '')
  return trimmed.toLowerCase().endsWith(TAIL) ? trimmed : `${trimmed}${TAIL}`
}

export function guid(key: string): string {
  return `guid'${key}'`
}

export function datetime(localTime: string): string {
  return `datetime'${localTime}'`
}

/** All conditions joined by `and`; one that contains an `or` gets parentheses. */
export function allOf(conditions: readonly (string | null)[]): string | null {
  const given = conditions.filter((condition) => condition !== null)
  if (given.length < 2) return given[0] ?? null
  return given.map((condition) => (/\bor\b/i.test(condition) ? `(${condition})` : condition)).join(' and ')
}

export function anyKey(keys: readonly string[]): string {
  return keys.map((key) => `Ref_Key eq ${guid(key)}`).join(' or ')
}

/**
 * Leaves out `$select` when the address would grow too long: the answer is then larger than needed, but not refused.
 */
export function queryString(query: Query): string {
  const written = write(query)
  return written.length > QUERY_CHARS_MAX && query.select ? write({ ...query, select: null }) : written
}

function write({ filter, select, orderby, top, skip, allowedOnly }: Query): string {
  const options = [
    ['$format', 'json'],
    ['$filter', filter],
    ['$select', select],
    ['$orderby', orderby],
    ['$top', top],
    ['$skip', skip || null],
    ['allowedOnly', allowedOnly || null],
  ] as const
  return options.flatMap(([name, value]) => (value == null ? [] : [`${name}=${encode(String(value))}`])).join('&')
}

export function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
