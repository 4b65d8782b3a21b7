// iiko's cloud: JSON by POST with a short-lived token. Every method that a sync uses, in the vendor's own terms.
import type * as z from 'zod'
import type { Session } from '#crm/contract.ts'
import { retryAnswering } from '#crm/kit/retry-answering.ts'
import { CrmError } from '#lib/crm-error.ts'
import { type HttpResponse, isTooLarge } from '#lib/egress.ts'
import type { Secret } from '#lib/secret.ts'
import { READABLE, refusal, REPORTS } from '#crm/iiko/refusal.ts'
import type { Reporter } from '#crm/iiko/report.ts'
import * as schema from '#crm/iiko/schema.ts'
import type { Settings } from '#crm/iiko/settings.ts'
import { fetchToken } from '#crm/iiko/token.ts'

/** Ids that one request may name. */
export const IDS_MAX = 200
/** How long iiko may wait for its terminals; our own timeout is a little longer (index.ts). */
const TIMEOUT_SECONDS = 30

export interface Found {
  readonly rows: readonly unknown[]
  /** An int64, as text: `changed` goes on from it. Null when the answer has none. */
  readonly revision: string | null
}

/** In the terminal's local time, `YYYY-MM-DDTHH:mm:ss`. */
export interface Span {
  readonly from: string
  readonly to: string
}

export type Ids = { readonly orderIds: readonly string[] } | { readonly posOrderIds: readonly string[] }
/** Makes a call; the answer is not parsed. Throws CrmError. */
type Post = (path: string, area: string, body: string) => Promise<HttpResponse>
/** Makes a call and parses its answer. */
type Read = <T extends z.ZodType>(
  Schema: T,
  path: string,
  area: string,
  body: string,
) => Promise<{ readonly value: z.infer<T>; readonly text: string }>

/** All calls but one read, and that one may be made twice. */
function createRead(session: Session<Settings>): Read {
  const post = createPost(session)
  const orAgain = retryAnswering(session.clock)
  return async (Schema, path, area, body) =>
    orAgain(async () => {
      const response = await post(path, area, body)
      const parsed = Schema.safeParse(response.json())
      if (!parsed.success) throw new CrmError('unavailable', { reason: 'unexpected_shape', params: { area } })
      return { value: parsed.data, text: response.text }
    }, isSlow)
}

/** The restaurant's own server took too long for so much. */
export function isSlow(error: unknown): boolean {
  if (!(error instanceof CrmError) || error.kind !== 'unavailable') return false
  return error.status === 504 || error.reason === 'timeout'
}

function createPost(session: Session<Settings>): Post {
  let token: Secret | null = null
  const send = async (path: string, body: string, fresh: Secret): Promise<HttpResponse> =>
    session.http.request({
      method: 'POST',
      url: `${session.apiUrl}/api/${path}`,
      headers: {
        'content-type': 'application/json',
        authorization: () => `Bearer ${fresh.reveal()}`,
        timeout: String(TIMEOUT_SECONDS),
      },
      body,
      expect: READABLE,
    })
  return async (path, area, body) => {
    token ??= (await session.tokenCache.read()) ?? (await fetchToken(session))
    let response = await send(path, body, token)
    // A token that iiko does not know any more is replaced once, whoever says so.
    if (response.status === 401) {
      token = await fetchToken(session)
      response = await send(path, body, token)
    }
    if (response.status >= 400) throw refusal(response, area)
    return response
  }
}

type Ask = <T extends z.ZodType>(Schema: T, path: string, body: unknown, area?: string) => Promise<z.infer<T>>

export type Cloud = ReturnType<typeof createCloud>

export function createCloud(session: Session<Settings>) {
  const read = createRead(session)
  const ask: Ask = async (Schema, path, body, area = path) =>
    (await read(Schema, `1/${path}`, area, JSON.stringify(body))).value
  return { ...directory(ask), ...lists(read), ...orders(ask), reports: reportsOf(read) }
}

/** Restaurants, tills, tables. */
function directory(ask: Ask) {
  return {
    organizations: async () => {
      const body = { organizationIds: null, returnAdditionalInfo: true, includeDisabled: false }
      return (await ask(schema.Organizations, 'organizations', body)).organizations
    },
    /** Includes groups that are disabled or asleep: their orders still exist. */
    terminalGroups: async (organizationIds: readonly string[]) => {
      const answer = await ask(schema.TerminalGroups, 'terminal_groups', { organizationIds, includeDisabled: true })
      return [...answer.terminalGroups, ...answer.terminalGroupsInSleep].flatMap(({ items }) => items)
    },
    areAlive: async (organizationIds: readonly string[], terminalGroupIds: readonly string[]) => {
      const answer = await ask(schema.Alive, 'terminal_groups/is_alive', { organizationIds, terminalGroupIds })
      return answer.isAliveStatus.map(({ isAlive }) => isAlive)
    },
    sections: async (terminalGroupIds: readonly string[]) =>
      (await ask(schema.Sections, 'reserve/available_restaurant_sections', { terminalGroupIds })).restaurantSections,
    paymentTypes: async (organizationIds: readonly string[]) =>
      (await ask(schema.PaymentTypes, 'payment_types', { organizationIds })).paymentTypes,
    hookSettings: async (organizationId: string) => ask(schema.HookSettings, 'webhooks/settings', { organizationId }),
    saveHookSettings: async (organizationId: string, settings: schema.HookSettings) =>
      ask(schema.Done, 'webhooks/update_settings', { organizationId, ...settings }),
  }
}

/** Deliveries, and the revision of that state. */
function lists(read: Read) {
  const found = async (path: string, body: string): Promise<Found> => {
    const { value, text } = await read(schema.OrdersByOrganization, `1/${path}`, 'deliveries', body)
    // As text: JSON.parse would round an int64.
    const revision = /"maxRevision"\s{0,9}:\s{0,9}"?(\d{1,19})/.exec(text)?.[1] ?? null
    return { rows: value.ordersByOrganizations.flatMap((group) => group.orders), revision }
  }
  return {
    /** Deliveries planned within a span, in any status. */
    planned: async (organizationIds: readonly string[], { from, to }: Span) => {
      const body = { organizationIds, deliveryDateFrom: stamp(from), deliveryDateTo: stamp(to) }
      return found('deliveries/by_delivery_date_and_status', JSON.stringify(body))
    },
    /** All deliveries changed after a revision. */
    changed: async (organizationIds: readonly string[], revision: string) => {
      const body = `{"startRevision":${revision},"organizationIds":${JSON.stringify(organizationIds)}}`
      return found('deliveries/by_revision', body)
    },
  }
}

function orders(ask: Ask) {
  return {
    deliveries: async (organizationId: string, ids: Ids) =>
      (await ask(schema.Orders, 'deliveries/by_id', { organizationId, ...ids }, 'deliveries')).orders,
    tableOrders: async (organizationIds: readonly string[], ids: Ids) =>
      (await ask(schema.Orders, 'order/by_id', { organizationIds, ...ids }, 'table_orders')).orders,
    /** Table orders opened within a span. */
    atTables: async (organizationIds: readonly string[], tableIds: readonly string[], { from, to }: Span) => {
      const body = { organizationIds, tableIds, dateFrom: stamp(from), dateTo: stamp(to) }
      return (await ask(schema.Orders, 'order/by_table', body, 'table_orders')).orders
    },
  }
}

/**
 * The reports of the restaurants' own servers, made through the cloud: of all outlets that the server has, since a
 * request names no organization.
 */
function reportsOf(read: Read): Reporter {
  const ask = async <T extends z.ZodType>(Schema: T, path: string, body: unknown): Promise<z.infer<T>> =>
    (await read(Schema, `reporting/v1/olap/${path}`, REPORTS, JSON.stringify(body))).value
  return {
    columns: async () => ask(schema.CloudColumns, 'columns/get', { reportType: 'SALES' }),
    report: async ({ filters, ...fields }) => {
      const named = Object.entries(filters).map(([name, filter]) => ({ name, ...filter }))
      return (await ask(schema.Report, 'get', { reportType: 'SALES', ...fields, filters: named })).data
    },
  }
}

/** True when less has to be requested: iiko's status for that (422), or an answer larger than we accept. */
export function isTooMuch(error: unknown): boolean {
  return isTooLarge(error) || (error instanceof CrmError && error.kind === 'rejected' && error.status === 422)
}

/** `yyyy-MM-dd HH:mm:ss.fff` */
function stamp(local: string): string {
  return `${local.replace('T', ' ')}.000`
}
