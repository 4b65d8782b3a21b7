// YCLIENTS' protocol: one Authorization header with both tokens, a versioned Accept, an envelope around every answer.
// Only this file reads the vendor's messages, since one status has several meanings.
import type { Session } from '#crm/contract.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { HttpResponse } from '#lib/egress.ts'
import { Company, Envelope, HookSettings, SaleState } from '#crm/yclients/schema.ts'
import { BRANDS, type Settings } from '#crm/yclients/settings.ts'

export const PAGE_ROWS = 200
const READABLE = [400, 401, 402, 403, 404, 409, 422]

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
  /** The payments of a sale document; null when there is no such document. */
  readonly salePayments: (documentId: string) => Promise<readonly (string | number)[] | null>
  readonly hookSettings: () => Promise<HookSettings>
  /** Replaces all of them, including the addresses of other integrators. */
  readonly saveHookSettings: (settings: HookSettings) => Promise<void>
}

export function createClient(session: Session<Settings>): YclientsClient {
  const { companyId, brand } = session.settings
  const send = async (path: string, area: string, { query = {}, body }: Sent = {}): Promise<Envelope> => {
    const { apiKey, apiSecret } = session
    if (!apiKey || !apiSecret) throw new CrmError('auth', { reason: 'credentials_missing' })
    const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
    const response = await session.http.request({
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      url: `${session.apiUrl}/api/v1/${path}${search.size > 0 ? `?${search.toString()}` : ''}`,
      headers: {
        accept: BRANDS[brand].accept,
        'content-type': 'application/json',
        authorization: () => `Bearer ${apiKey.reveal()}, User ${apiSecret.reveal()}`,
      },
      expect: READABLE,
    })
    return unwrap(response, area)
  }
  const get = async (path: string, area: string, query: Query = {}) => send(path, area, { query })
  const rowsOf = async (path: string, area: string, query: Query): Promise<Rows> => {
    const { data, meta } = await get(path, area, query)
    if (!Array.isArray(data)) throw new CrmError('malformed', { reason: 'not_a_list', params: { area } })
    return { rows: data, total: meta?.total_count ?? null }
  }
  return {
    company: async () => parse(Company, (await get(`company/${companyId}`, 'company')).data, 'company'),
    records: async (query) => rowsOf(`records/${companyId}`, 'records', query),
    record: async (id) =>
      orNull(async () => (await get(`record/${companyId}/${id}`, 'records', { include_finance_transactions: 1 })).data),
    transactions: async (query) => rowsOf(`transactions/${companyId}`, 'finances', query),
    salePayments: async (documentId) =>
      orNull(async () => {
        const { data } = await get(`company/${companyId}/sale/${documentId}`, 'finances')
        return parse(SaleState, data, 'sale').state.payment_transactions.map(({ amount }) => amount)
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

/** Null for a missing object. A missing company is an error. */
async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof CrmError && error.kind === 'not_found' && error.reason !== 'company_missing') return null
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

function unwrap(response: HttpResponse, area: string): Envelope {
  const { status } = response
  if (status >= 400) throw refusal(status, messageOf(response), area)
  const envelope = parse(Envelope, response.json(), area)
  if (!envelope.success) throw refusal(0, envelope.meta?.message ?? '', area)
  return envelope
}

/** Error pages of proxies are not JSON; then only the status counts. */
function messageOf(response: HttpResponse): string {
  try {
    return Envelope.safeParse(response.json()).data?.meta?.message ?? ''
  } catch {
    return ''
  }
}

/** `status` 0: an answer with status 200 that reports a failure. */
function refusal(status: number, message: string, area: string): CrmError {
  const details = { params: { area }, ...(status > 0 && { status }) }
  if (status === 402 || /лиценз|licen[cs]e/i.test(message))
    return new CrmError('forbidden', { reason: 'licence_ended', ...details })
  if (status === 401 || (status === 0 && /токен|token|авториз|authoriz/i.test(message))) {
    return new CrmError('auth', { reason: 'token_rejected', ...details })
  }
  if (status === 403 || (status === 0 && /прав|доступ|permission|access/i.test(message))) {
    return new CrmError('forbidden', { reason: 'right_missing', ...details })
  }
  if (status === 404 || (status === 0 && /не найден|not found/i.test(message))) {
    const isCompany = /филиал|company|location/i.test(message) || area === 'company'
    return new CrmError('not_found', { ...(isCompany && { reason: 'company_missing' }), ...details })
  }
  return new CrmError('rejected', details)
}
