// 1C's protocol: Basic authorization in UTF-8, JSON requested in header and query, one request at a time. What refusals
// mean is in refusal.ts.
import type { Session } from '#crm/contract.ts'
import { isTooMuch } from '#crm/kit/fewer-at-once.ts'
import { retryAnswering } from '#crm/kit/retry-answering.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { HttpResponse } from '#lib/egress.ts'
import type { Secret } from '#lib/secret.ts'
import { isRow, type Row, rowsOf } from '#crm/1c/fields.ts'
import { encode, guid, type Query, queryString, serviceUrl } from '#crm/1c/odata.ts'
import { isGone, isHidden, refusal, STATUSES } from '#crm/1c/refusal.ts'
import type { Settings } from '#crm/1c/settings.ts'

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
  const orAgain = retryAnswering(session.clock)
  const get = async (path: string, query: Query): Promise<HttpResponse> => {
    if (!apiKey || !apiSecret) throw new CrmError('auth')
    return session.http.request({
      url: `${base}/${path}?${queryString(query)}`,
      headers: { accept: 'application/json', authorization: () => basic(apiKey, apiSecret) },
      expect: STATUSES,
    })
  }
  const list = async (entitySet: string, path: string, query: Query): Promise<readonly unknown[]> =>
    orAgain(
      async () => {
        const response = await get(path, query)
        if (response.status >= 400) throw refusal(response, entitySet)
        const body = response.json()
        const value: unknown = isRow(body) ? body['value'] : null
        if (isList(value)) return value
        throw new CrmError('unavailable', { reason: 'no_service', status: response.status })
      },
      (error) => !entitySet.startsWith('Catalog_') && isTooMuch(error),
    )
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
    object: async (entitySet, key) =>
      orAgain(async () => {
        const response = await get(`${encode(entitySet)}(${guid(key)})`, {})
        if (isGone(response)) return 'gone'
        if (isHidden(response)) return 'hidden'
        if (response.status >= 400) throw refusal(response, entitySet)
        const body = response.json()
        if (isRow(body) && 'Ref_Key' in body) return body
        throw new CrmError('unavailable', { reason: 'no_service', status: response.status })
      }),
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
