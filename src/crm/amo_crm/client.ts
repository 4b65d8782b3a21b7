// amoCRM's protocol, version 4: a Bearer token, brackets in filters, HAL lists, and 204 for nothing found. Errors by
// status are in refusal.ts.
import type * as z from 'zod'
import type { Session } from '#crm/contract.ts'
import { readInHalves } from '#crm/kit/in-halves.ts'
import { CrmError } from '#lib/crm-error.ts'
import { refusalOf, USER_AGENT } from '#crm/amo_crm/refusal.ts'
import { Account, Catalog, Hook, List } from '#crm/amo_crm/schema.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

export const PAGE_ROWS = 250
const EVENT_ROWS = 100
/** As many ids as fit into an address, whatever their length. */
export const ID_ROWS = 150
const READABLE = [400, 401, 402, 403, 404, 405, 422]

type Query = readonly (readonly [name: string, value: string | number])[]

export interface Rows {
  readonly rows: readonly unknown[]
  /** There may be more rows: the answer says so, or it is full. */
  readonly hasMore: boolean
}

/** A page of so many rows. */
export interface PageAt {
  readonly page: number
  readonly rows: number
}

export interface Range {
  /** Unix seconds, inclusive. */
  readonly from: number
  readonly to: number
}

interface Sent {
  readonly method: 'POST' | 'DELETE'
  readonly body: unknown
}

export type AmoClient = ReturnType<typeof createClient>

export function createClient(session: Session<Settings>) {
  const calls = createCalls(session)
  return {
    ...accountCalls(calls),
    ...hookCalls(calls),
    ...leadCalls(calls),
    ...customerCalls(calls),
    ...invoiceCalls(calls),
  }
}

type Calls = ReturnType<typeof createCalls>

function createCalls(session: Session<Settings>) {
  /** Null: 204, nothing found. */
  const get = async (path: string, area: string, query: Query = [], sent?: Sent): Promise<unknown> => {
    const search = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
    const response = await session.authorized(async ({ apiUrl, token }) => {
      if (apiUrl === '') throw new CrmError('rejected', { reason: 'address_missing' })
      const answer = await session.http.request({
        url: `${apiUrl}/api/v4/${path}${search && `?${search}`}`,
        headers: {
          accept: 'application/json',
          'user-agent': USER_AGENT,
          ...(sent && { 'content-type': 'application/json' }),
          authorization: () => `Bearer ${token.reveal()}`,
        },
        ...(sent && { method: sent.method, body: JSON.stringify(sent.body) }),
        expect: READABLE,
      })
      if (answer.status >= 400) throw refusalOf(answer, area)
      return answer
    })
    return response.status === 204 || response.text === '' ? null : response.json()
  }
  const list = async (path: string, area: string, query: Query, most = PAGE_ROWS): Promise<Rows> => {
    const body = await get(path, area, [['limit', most], ...query])
    if (body === null) return NO_ROWS
    const { _embedded: embedded, _links: links } = parse(List, body, area)
    const rows = embedded[area] ?? []
    if (!Array.isArray(rows)) throw unexpected(area)
    return { rows, hasMore: links?.next != null || rows.length >= most }
  }
  /** A missing object answers 204, for some methods 404. */
  const one = async (path: string, area: string, query: Query = []): Promise<unknown> =>
    orElse(null, async () => get(path, area, query))
  return { get, list, byIds: createByIds(list), one }
}

type ReadList = (path: string, area: string, query: Query) => Promise<Rows>

/** Reads all existing objects with these ids, however few rows the server sends at a time. */
function createByIds(list: ReadList) {
  const readPart = async (path: string, area: string, query: Query, most: number): Promise<readonly unknown[]> => {
    const found: unknown[] = []
    for (let page = 1, more = true; more && page <= most; page += 1) {
      const { rows, hasMore } = await list(path, area, [['page', page], ...query])
      found.push(...rows)
      more = hasMore && rows.length > 0
    }
    return found
  }
  return async (path: string, area: string, ids: readonly string[], query: Query = []): Promise<readonly unknown[]> => {
    const found: unknown[] = []
    for (let start = 0; start < ids.length; start += ID_ROWS) {
      const part = await readInHalves(ids.slice(start, start + ID_ROWS), async (some) =>
        readPart(path, area, [...some.map((id) => ['filter[id][]', id] as const), ...query], some.length),
      )
      found.push(...part)
    }
    return found
  }
}

function accountCalls({ get }: Calls) {
  return {
    account: async () => parse(Account, await get('account', 'account', [['with', 'datetime_settings']]), 'account'),
  }
}

function hookCalls({ get, list }: Calls) {
  const hooks = async (query: Query = []): Promise<readonly Hook[]> => {
    const { rows } = await list('webhooks', 'webhooks', query)
    // Entries of other services may have any shape; they are skipped.
    return rows.flatMap((row) => Hook.safeParse(row).data ?? [])
  }
  return {
    /** All webhooks of the account, on one page: amoCRM allows a hundred. */
    hooks: async () => hooks(),
    /** The webhook with exactly this address. */
    hook: async (url: string): Promise<Hook | null> =>
      (await hooks([['filter[destination]', url]])).find(({ destination }) => destination === url) ?? null,
    addHook: async (url: string, settings: readonly string[]): Promise<void> => {
      await get('webhooks', 'webhooks', [], { method: 'POST', body: { destination: url, settings, sort: 10 } })
    },
    removeHook: async (url: string): Promise<void> => {
      const body = { destination: url }
      await orElse(null, async () => get('webhooks', 'webhooks', [], { method: 'DELETE', body }))
    },
  }
}

const CONTACTS = ['with', 'contacts'] as const

function leadCalls({ list, byIds, one }: Calls) {
  const closing = (closed: Range | null) => (closed ? range('closed_at', closed) : [])
  return {
    /** The first rows of a period by change time, oldest first. The next request begins where these end. */
    leads: async (updated: Range, closed: Range | null, most: number) => {
      const query: Query = [['page', 1], CONTACTS, ['order[updated_at]', 'asc'], ...range('updated_at', updated)]
      return list('leads', 'leads', [...query, ...closing(closed)], most)
    },
    /** The rows of one second, when they do not fit into one answer. */
    leadsOfSecond: async (second: number, closed: Range | null, at: PageAt & { order: 'asc' | 'desc' }) => {
      const updated = range('updated_at', { from: second, to: second })
      const query: Query = [['page', at.page], CONTACTS, ['order[id]', at.order], ...updated, ...closing(closed)]
      return list('leads', 'leads', query, at.rows)
    },
    newestLeads: async (page: number, rows: number) =>
      list('leads', 'leads', [['page', page], CONTACTS, ['order[updated_at]', 'desc']], rows),
    leadsById: async (ids: readonly string[]) => byIds('leads', 'leads', ids, [CONTACTS]),
    lead: async (id: string) => one(`leads/${id}`, 'leads', [CONTACTS]),
    binnedLeads: async (updated: Range, { page, rows }: PageAt) =>
      list('leads', 'leads', [['page', page], ['with', 'only_deleted'], ...range('updated_at', updated)], rows),
    /** No rows for accounts without this log. */
    events: async (types: readonly string[], created: Range, { page, rows }: PageAt) => {
      const query = [
        ['page', page] as const,
        ['filter[type]', types.join(',')] as const,
        ...range('created_at', created),
      ]
      return orElse(NO_ROWS, async () => list('events', 'events', query, Math.min(rows, EVENT_ROWS)))
    },
    contacts: async (ids: readonly string[]) => byIds('contacts', 'contacts', ids),
  }
}

function customerCalls({ list, byIds, one }: Calls) {
  return {
    customers: async (updated: Range, { page, rows }: PageAt) =>
      list('customers', 'customers', [['page', page], ...range('updated_at', updated)], rows),
    customersById: async (ids: readonly string[]) => byIds('customers', 'customers', ids, [CONTACTS]),
    purchases: async ({ page, rows }: PageAt) => list('customers/transactions', 'transactions', [['page', page]], rows),
    purchasesOf: async (customerId: string, { page, rows }: PageAt) =>
      list(`customers/${customerId}/transactions`, 'transactions', [['page', page]], rows),
    purchasesById: async (ids: readonly string[]) => byIds('customers/transactions', 'transactions', ids),
    purchase: async (id: string) => one(`customers/transactions/${id}`, 'transactions'),
  }
}

function invoiceCalls({ list, byIds, one }: Calls) {
  return {
    /** Null: the account has no list of invoices. */
    invoiceCatalog: async (): Promise<string | null> => {
      const { rows } = await list('catalogs', 'catalogs', [['filter[type]', 'invoices']])
      return rows.map((row) => parse(Catalog, row, 'catalogs')).find(({ type }) => type === 'invoices')?.id ?? null
    },
    invoices: async (catalogId: string, { page, rows }: PageAt) =>
      list(`catalogs/${catalogId}/elements`, 'elements', [['page', page]], rows),
    invoicesById: async (catalogId: string, ids: readonly string[]) =>
      byIds(`catalogs/${catalogId}/elements`, 'elements', ids),
    invoice: async (catalogId: string, id: string) => one(`catalogs/${catalogId}/elements/${id}`, 'elements'),
  }
}

const NO_ROWS: Rows = { rows: [], hasMore: false }

function range(field: string, { from, to }: Range): Query {
  // A number without `from` and `to` would be an exact match.
  return [
    [`filter[${field}][from]`, from],
    [`filter[${field}][to]`, to],
  ]
}

/** `nothing` for an object that is not found. A missing account is an error. */
async function orElse<T>(nothing: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof CrmError && error.kind === 'not_found' && error.reason === null) return nothing
    throw error
  }
}

function unexpected(area: string): CrmError {
  return new CrmError('malformed', { reason: 'unexpected_shape', params: { area } })
}

function parse<T>(schema: z.ZodType<T>, value: unknown, area: string): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw unexpected(area)
  return parsed.data
}
