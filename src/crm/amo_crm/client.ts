// amoCRM's protocol, version 4: a Bearer token, brackets in filters, HAL lists, and 204 for nothing found. Errors by
// status are in refusal.ts.
import type * as z from 'zod'
import type { Session } from '#crm/contract.ts'
import { isTooMuch } from '#crm/kit/fewer-at-once.ts'
import { retryAnswering } from '#crm/kit/retry-answering.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { HttpResponse } from '#lib/egress.ts'
import { BRANDS } from '#crm/amo_crm/brands.ts'
import { readFewer } from '#crm/amo_crm/page-size.ts'
import { isNothing, READABLE, refusalOf, USER_AGENT } from '#crm/amo_crm/refusal.ts'
import { Account, Catalog, Hook, List, Stamp } from '#crm/amo_crm/schema.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

export const PAGE_ROWS = 250
const EVENT_ROWS = 100
/** As many ids as fit into an address, whatever their length. */
export const ID_ROWS = 150
/** Of one list within one step; far more than any has. */
const PAGES_MAX = 400

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
  const { title: brand, example } = BRANDS[session.settings.brand]
  const orAgain = retryAnswering(session.clock)
  const call = async (path: string, area: string, query: Query = [], sent?: Sent): Promise<HttpResponse> => {
    const search = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
    return session.authorized(async ({ apiUrl, token }) => {
      if (apiUrl === '') throw new CrmError('rejected', { reason: 'address_missing', params: { brand, example } })
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
      if (answer.status >= 400 && !isNothing(answer)) throw refusalOf(answer, { area, brand })
      return answer
    })
  }
  /** Null: nothing found. An empty body with status 200 is no answer of the vendor's. */
  const get = async (path: string, area: string, query: Query = []): Promise<unknown> => {
    return orAgain(async () => {
      const response = await call(path, area, query)
      return isNothing(response) ? null : response.json()
    }, isTooMuch)
  }
  const list = async (path: string, area: string, query: Query, most = PAGE_ROWS): Promise<Rows> => {
    const body = await get(path, area, [['limit', most], ...query])
    if (body === null) return NO_ROWS
    const { _embedded: embedded, _links: links } = parse(List, body, area)
    const rows = embedded[area] ?? []
    if (!Array.isArray(rows)) throw unexpected(area)
    return { rows, hasMore: links?.next != null || rows.length >= most }
  }
  /** Null: there is no such object. */
  const one = async (path: string, area: string, query: Query = []): Promise<unknown> => {
    const object = await orNull(async () => get(path, area, query))
    if (object !== null && !Stamp.safeParse(object).success) throw unexpected(area)
    return object
  }
  return { call, get, list, byIds: createByIds(list), one }
}

type ReadList = (path: string, area: string, query: Query, most?: number) => Promise<Rows>

/** Reads all existing objects with these ids, however few rows the server sends at a time. */
function createByIds(list: ReadList) {
  return async (path: string, area: string, ids: readonly string[], query: Query = []): Promise<readonly unknown[]> => {
    const found: unknown[] = []
    let size = ID_ROWS
    for (let start = 0; start < ids.length; start += size) {
      const part = await readFewer(Math.min(size, ids.length - start), async (most) => {
        size = most
        const filters = ids.slice(start, start + most).map((id) => ['filter[id][]', id] as const)
        return readPages(async (page) => list(path, area, [['page', page], ...filters, ...query], most), most)
      })
      found.push(...part)
    }
    return found
  }
}

/**
 * The rows of all pages, up to so many. Some lists name a next page for ever; one that begins like an earlier page is
 * the end.
 */
export async function readPages(
  read: (page: number) => Promise<Rows>,
  rowsMax = Infinity,
): Promise<readonly unknown[]> {
  const found: unknown[] = []
  const firsts = new Set<string>()
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const answer = await read(page)
    const first = firstId(answer)
    if (firsts.has(first)) break
    firsts.add(first)
    found.push(...answer.rows)
    if (!answer.hasMore || answer.rows.length === 0 || found.length >= rowsMax) break
  }
  return found
}

/** What tells a page from another: the id of its first row. */
export function firstId({ rows: [row] }: Rows): string {
  return Stamp.safeParse(row).data?.id ?? JSON.stringify(row ?? null)
}

function accountCalls({ get }: Calls) {
  return {
    account: async () => parse(Account, await get('account', 'account', [['with', 'datetime_settings']]), 'account'),
  }
}

function hookCalls({ call, list }: Calls) {
  const hooks = async (query: Query = []): Promise<readonly Hook[]> => {
    const { rows } = await readFewer(PAGE_ROWS, async (most) => list('webhooks', 'webhooks', query, most))
    // Entries of other services may have any shape; they are skipped.
    return rows.flatMap((row) => Hook.safeParse(row).data ?? [])
  }
  return {
    /** All webhooks of the account, on one page: amoCRM allows a hundred. */
    hooks: async () => hooks(),
    /** The webhook with exactly this address. */
    hook: async (url: string): Promise<Hook | null> =>
      (await hooks([['filter[destination]', url]])).find(({ destination }) => destination === url) ?? null,
    /** Posted again, an address keeps its entry. */
    addHook: async (url: string, settings: readonly string[]): Promise<void> => {
      await call('webhooks', 'webhooks', [], { method: 'POST', body: { destination: url, settings, sort: 10 } })
    },
    removeHook: async (url: string): Promise<void> => {
      const body = { destination: url }
      await orNull(async () => call('webhooks', 'webhooks', [], { method: 'DELETE', body }))
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
    events: async (types: readonly string[], created: Range, { page, rows }: PageAt) => {
      const query = [
        ['page', page] as const,
        ['filter[type]', types.join(',')] as const,
        ...range('created_at', created),
      ]
      return list('events', 'events', query, Math.min(rows, EVENT_ROWS))
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
      const query = [['filter[type]', 'invoices'] as const]
      const { rows } = await readFewer(PAGE_ROWS, async (most) => list('catalogs', 'catalogs', query, most))
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

/** Null for an object that is not found. A missing account is an error. */
async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof CrmError && error.kind === 'not_found' && error.reason === null) return null
    throw error
  }
}

/** Nobody knows whether the vendor has sent it. */
function unexpected(area: string): CrmError {
  return new CrmError('unavailable', { reason: 'unexpected_shape', params: { area } })
}

function parse<T>(schema: z.ZodType<T>, value: unknown, area: string): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw unexpected(area)
  return parsed.data
}
