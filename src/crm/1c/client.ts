// 1C's protocol: Basic authorization in UTF-8, JSON requested in header and query, one request at a time. 1C's own
// error code decides before the status, since 401 means a wrong password or a missing right, and 404 a missing set or a
// missing object.
import type { Session } from '#crm/contract.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { HttpResponse } from '#lib/egress.ts'
import type { Secret } from '#lib/secret.ts'
import { isRow, type Row, rowsOf } from '#crm/1c/fields.ts'
import { encode, guid, type Query, queryString, serviceUrl } from '#crm/1c/odata.ts'
import type { Settings } from '#crm/1c/settings.ts'

const READABLE = [400, 401, 404, 405, 412, 500, 501]
/** 1C names its code in the first lines; a web server's error page may be of any size. */
const ERROR_CHARACTERS_MAX = 16_384
const NO_OBJECT = '9'
const NO_RIGHT = '20'

export interface OneCClient {
  /** Names of everything that is published. */
  readonly sets: () => Promise<ReadonlySet<string>>
  readonly rows: (entitySet: string, query: Query) => Promise<readonly Row[]>
  /** One object. `gone`: 1C itself says that it does not exist. `hidden`: this user may not read it alone. */
  readonly object: (entitySet: string, key: string) => Promise<Row | 'gone' | 'hidden'>
}

export function createClient(session: Session<Settings>): OneCClient {
  const { apiKey, apiSecret, settings } = session
  const base = serviceUrl(session.apiUrl)
  const get = async (path: string, query: Query): Promise<HttpResponse> => {
    if (!apiKey || !apiSecret) throw new CrmError('auth')
    return session.http.request({
      url: `${base}/${path}?${queryString(query)}`,
      headers: { accept: 'application/json', authorization: () => basic(apiKey, apiSecret) },
      expect: READABLE,
    })
  }
  const list = async (entitySet: string, path: string, query: Query): Promise<readonly unknown[]> => {
    const response = await get(path, query)
    if (response.status >= 400) throw refusal(response, entitySet)
    const body = response.json()
    const value: unknown = isRow(body) ? body['value'] : null
    if (isList(value)) return value
    throw new CrmError('malformed')
  }
  return {
    sets: async () => {
      const listed = rowsOf(await list('', '', {})).map(({ name, url }) => name ?? url)
      return new Set(listed.filter((name) => typeof name === 'string'))
    },
    rows: async (entitySet, query) => {
      const listed = await list(entitySet, encode(entitySet), { allowedOnly: settings.allowedOnly, ...query })
      // A row that is not an object must not be lost: it goes to quarantine like a record without a key.
      return listed.map((row) => (isRow(row) ? row : { unreadable: row }))
    },
    object: async (entitySet, key) => {
      const response = await get(`${encode(entitySet)}(${guid(key)})`, {})
      const code = codeOf(response)
      if (response.status === 404 && code === NO_OBJECT) return 'gone'
      if (response.status === 401 && code === NO_RIGHT) return 'hidden'
      if (response.status >= 400) throw refusal(response, entitySet)
      const body = response.json()
      if (isRow(body) && 'Ref_Key' in body) return body
      throw new CrmError('malformed')
    },
  }
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** In UTF-8, since most user names in 1C are Cyrillic. */
function basic(user: Secret, password: Secret): string {
  const bytes = new TextEncoder().encode(`${user.reveal()}:${password.reveal()}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

/** 1C's error code, from JSON or XML; null when a proxy or web server answered instead. */
function codeOf({ status, text: body }: HttpResponse): string | null {
  if (status < 400) return null
  try {
    const parsed: unknown = JSON.parse(body)
    const error = isRow(parsed) ? parsed['odata.error'] : null
    const code = isRow(error) ? error['code'] : null
    return typeof code === 'string' || typeof code === 'number' ? String(code) : null
  } catch {
    return (
      /<(?:\w{1,20}:)?code\b[^<>]{0,200}>\s{0,9}(-?\d{1,9})\s{0,9}</.exec(body.slice(0, ERROR_CHARACTERS_MAX))?.[1] ??
      null
    )
  }
}

function refusal(response: HttpResponse, set: string): CrmError {
  const { status } = response
  const code = codeOf(response)
  const about = { status, params: { set, code: code ?? String(status) } }
  if (code === NO_RIGHT) return new CrmError('forbidden', { reason: 'right_missing', ...about })
  if (code === '8') return new CrmError('not_found', { reason: 'unpublished', ...about })
  if (status === 401) return new CrmError('auth', { reason: 'credentials_rejected', ...about })
  // A failing query and a base that is down look the same; the caller decides what to do.
  if (status === 500) return new CrmError('unavailable', { reason: code ? 'query_refused' : 'server_error', ...about })
  if (status === 404 && code === null) return new CrmError('not_found', { reason: 'no_service', ...about })
  return new CrmError('rejected', { reason: 'query_refused', ...about })
}
