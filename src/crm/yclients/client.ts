// YCLIENTS' protocol: one Authorization header with both tokens, a versioned Accept, an envelope around every answer.
// A client reads one branch.
import type { Session } from '#crm/contract.ts'
import { retryAnswering } from '#crm/kit/retry-answering.ts'
import { CrmError } from '#lib/crm-error.ts'
import { isObjectMissing, READABLE, unwrap } from '#crm/yclients/refusal.ts'
import {
  Company,
  type Envelope,
  HookSettings,
  type LoyaltyOperation,
  SaleDocument,
  VisitLoyalty,
} from '#crm/yclients/schema.ts'
import { BRANDS, type Settings } from '#crm/yclients/settings.ts'

export const PAGE_ROWS = 200

export type Query = Readonly<Record<string, string | number>>

export interface Rows {
  readonly rows: readonly unknown[]
  /** Null where the list does not give its total. */
  readonly total: number | null
}

export interface YclientsClient {
  readonly company: () => Promise<Company>
  readonly records: (query: Query) => Promise<Rows>
  /** One record; null when it does not exist. */
  readonly record: (id: string) => Promise<unknown>
  readonly transactions: (query: Query) => Promise<Rows>
  /** A sale document; null when there is no such document. */
  readonly sale: (documentId: string) => Promise<SaleDocument | null>
  /** The loyalty operations of a visit; null when there is no such visit. */
  readonly visitLoyalty: (recordId: string, visitId: string) => Promise<readonly LoyaltyOperation[] | null>
  readonly hookSettings: () => Promise<HookSettings>
  /** Replaces all of them, including the addresses of other integrators. */
  readonly saveHookSettings: (settings: HookSettings) => Promise<void>
}

export function createClient(session: Session<Settings>, companyId: string): YclientsClient {
  const send = createSend(session, companyId)
  const get = async (path: string, area: string, query: Query = {}) => send(path, area, { query })
  const company = async () => parse(Company, (await get(`company/${companyId}`, 'company')).data, 'company')
  // A list without rows is refused as not found at times, and so is a list of a branch that is no more.
  const rowsOf = async (path: string, area: string, query: Query): Promise<Rows> => {
    const envelope = await orNull(async () => get(path, area, query))
    if (envelope === null) {
      await company()
      return { rows: [], total: 0 }
    }
    const { data, meta } = envelope
    if (!Array.isArray(data)) throw new CrmError('malformed', { reason: 'not_a_list', params: { area } })
    return { rows: data, total: meta?.total_count ?? null }
  }
  return {
    company,
    records: async (query) => rowsOf(`records/${companyId}`, 'records', query),
    record: async (id) =>
      orNull(async () => (await get(`record/${companyId}/${id}`, 'records', { include_finance_transactions: 1 })).data),
    transactions: async (query) => rowsOf(`transactions/${companyId}`, 'finances', query),
    sale: async (documentId) =>
      orNull(async () =>
        parse(SaleDocument, (await get(`company/${companyId}/sale/${documentId}`, 'sales')).data, 'sales'),
      ),
    visitLoyalty: async (recordId, visitId) =>
      orNull(async () => {
        const { data } = await get(`visit/details/${companyId}/${recordId}/${visitId}`, 'sales')
        return parse(VisitLoyalty, data, 'sales')
      }),
    hookSettings: async () =>
      parse(HookSettings, (await get(`hooks_settings/${companyId}`, 'settings')).data, 'settings'),
    saveHookSettings: async (settings) =>
      void (await send(`hooks_settings/${companyId}`, 'settings', { body: settings })),
  }
}

interface Sent {
  readonly query?: Query
  /** Makes the request a POST. */
  readonly body?: unknown
}

function createSend(session: Session<Settings>, companyId: string) {
  const { settings, apiUrl, http, clock } = session
  const orAgain = retryAnswering(clock)
  const send = async (path: string, area: string, { query = {}, body }: Sent): Promise<Envelope> => {
    const authorization = authorizationFor(session, companyId)
    const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
    const response = await http.request({
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      url: `${apiUrl}/api/v1/${path}${search.size > 0 ? `?${search.toString()}` : ''}`,
      headers: {
        accept: BRANDS[settings.brand].accept,
        'content-type': 'application/json',
        authorization,
      },
      expect: READABLE,
    })
    return unwrap(response, area)
  }
  return async (path: string, area: string, sent: Sent): Promise<Envelope> =>
    sent.body === undefined ? orAgain(async () => send(path, area, sent)) : send(path, area, sent)
}

/**
 * A branch that the business has claimed is read as our system user; for any other the tenant's own user token is
 * needed: our system user sees the branches of all businesses.
 */
function authorizationFor({ apiKey, apiSecret, marketplace }: Session<Settings>, companyId: string): () => string {
  const app = marketplace?.app ?? null
  const own = app && marketplace?.claimed.has(companyId) === true ? app : null
  const [partner, user] = own ? [own.partnerToken, own.userToken] : [apiKey ?? app?.partnerToken ?? null, apiSecret]
  if (own && !own.userToken) return () => `Bearer ${own.partnerToken.reveal()}`
  if (!user && app) throw new CrmError('forbidden', { reason: 'branch_not_claimed' })
  if (!partner || !user) throw new CrmError('auth', { reason: 'credentials_missing' })
  return () => `Bearer ${partner.reveal()}, User ${user.reveal()}`
}

/** Null for a missing object. A missing company is an error. */
async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof CrmError && isObjectMissing(error)) return null
    throw error
  }
}

interface Parser<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false }
}

function parse<T>(schema: Parser<T>, value: unknown, area: string): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new CrmError('malformed', { reason: 'unexpected_shape', params: { area } })
  return parsed.data
}
