// OData as 1C speaks it (version 3): literals, and addresses with every part percent-encoded. A space is `%20`, since
// 1C reads a `+` as a plus.

const TAIL = '/odata/standard.odata'
/** What browsers show behind the address of a base: its OData service, or its web client in some language. */
const BEHIND = /\/(?:odata\/standard\.odata|e1cib|(?:\$|%24)metadata)(?:\/.*)?$/i
const LANGUAGE = /\/[a-z]{2}_[A-Z]{2}$|(?<=\/[^/]{1,500})\/(?:ru|en)$/
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

/** Accepts the address of the base, of its OData service and of its web client, as people paste them. */
export function baseUrl(apiUrl: string): string {
  const { origin, pathname } = new URL(apiUrl)
  const trim = (path: string) => path.replace(/\/+$/, '')
  const base = trim(pathname.replace(BEHIND, ''))
  return `${origin}${trim(base.replace(LANGUAGE, ''))}`
}

export function serviceUrl(apiUrl: string): string {
  const [tail = TAIL] = /\/odata\/standard\.odata(?=\/|$)/i.exec(new URL(apiUrl).pathname) ?? []
  return `${baseUrl(apiUrl)}${tail}`
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
