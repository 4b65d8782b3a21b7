// iiko's cloud over the café: strict about what is documented (POST only, members of the bodies, forms of dates, ids at
// most 200 at a time, seven days of lists, three hours of revisions), full of the oddities that live bodies have.
import type { Hono } from 'hono'
import * as z from 'zod'
import { type Cafe, isPaid, type Order, ORGANIZATION } from '#sandbox/iiko/cafe.ts'
import { HookUpdate, type HookSettings, NO_HOOKS } from '#sandbox/iiko/hook-settings.ts'
import { orderInfo, PAYMENT_TYPES, stamp, TABLE, TERMINAL } from '#sandbox/iiko/wire.ts'

const DAY_MS = 86_400_000
const TOKEN_MS = 3_600_000
const REVISION_MS = 3 * 3_600_000

export interface CloudOptions {
  readonly cafe: Cafe
  readonly zone: string
  /** Rows that one answer may have before it is refused as too much. */
  readonly rowsMax: number
}

/** What can be set while it runs. */
export interface CloudState {
  keys: { apiKey: string; appId: string; clientSecret: string }
  /** Whether the old form of the token call still answers. */
  isOldTokenOn: boolean
  organizations: { id: string; name: string; currencyIsoName: string; countryPhoneCode: string }[]
  /**
   * What the key may not do: `deliveries`, `organizations`, `tables`, `sections`, `orders` (at tables), `reports`,
   * `payments`; `licence`: it has ended.
   */
  readonly denied: Set<string>
  terminalZone: string
  /** Tokens given out, with the time they end. */
  readonly tokens: Map<string, number>
  /** By restaurant: one address each. */
  readonly hookSettings: Map<string, HookSettings>
  unknownFields: boolean
  /** What the restaurant's own server makes of the cloud's reports. */
  rms: 'ok' | 'failing' | 'silent'
  /** Days of a report that are too much at once. */
  reportDaysMax: number
  /** Revisions are refused, whatever they are. */
  refusesRevisions: boolean
  /** Lists answer that there is nothing, as a vendor does when its own systems fail. */
  emptyLists: boolean
  /** Orders that are shown without a sum. */
  readonly broken: Set<string>
  /** Called before a method is answered: an edit between two pages. */
  onList: ((path: string) => void) | null
}

/** The restaurants that a body is about. */
const About = z.object({ organizationIds: z.array(z.string()).nullish(), organizationId: z.string().optional() })

const Ids = z.array(z.guid())
const Stamp = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/)
const Status = z.array(z.string()).nullish()
const BODIES = {
  organizations: z.strictObject({
    organizationIds: Ids.nullish(),
    returnAdditionalInfo: z.boolean(),
    includeDisabled: z.boolean(),
  }),
  terminals: z.strictObject({ organizationIds: Ids, includeDisabled: z.boolean().optional() }),
  alive: z.strictObject({ organizationIds: Ids, terminalGroupIds: Ids }),
  sections: z.strictObject({ terminalGroupIds: Ids }),
  payments: z.strictObject({ organizationIds: Ids }),
  hooks: z.strictObject({ organizationId: z.guid() }),
  planned: z.strictObject({
    organizationIds: Ids,
    deliveryDateFrom: Stamp,
    deliveryDateTo: Stamp.nullish(),
    statuses: Status,
  }),
  revision: z.strictObject({ startRevision: z.number(), organizationIds: Ids }),
  delivery: z.strictObject({
    organizationId: z.guid(),
    orderIds: Ids.max(200).nullish(),
    posOrderIds: Ids.max(200).nullish(),
  }),
  order: z.strictObject({
    organizationIds: Ids,
    orderIds: Ids.max(200).nullish(),
    posOrderIds: Ids.max(200).nullish(),
  }),
  table: z.strictObject({
    organizationIds: Ids,
    tableIds: Ids.min(1),
    statuses: Status,
    dateFrom: Stamp,
    dateTo: Stamp,
  }),
}

function failure(status: number, errorDescription: string, error: string | null = null): Response {
  return Response.json({ correlationId: crypto.randomUUID(), errorDescription, error }, { status })
}

export function addCloud(app: Hono, state: CloudState, { cafe, zone, rowsMax }: CloudOptions): void {
  const now = () => cafe.now().getTime()
  const ok = (body: Record<string, unknown>) => {
    const answer = { correlationId: crypto.randomUUID(), ...body }
    return new Response(withRevisions(state.unknownFields ? withUnknown(answer) : answer), {
      headers: { 'content-type': 'application/json' },
    })
  }

  app.post('/api/v2/access_token', async (c) => {
    const { apiKey, appId, clientSecret }: Record<string, unknown> = await c.req.json()
    if (state.denied.has('licence')) return failure(401, 'Apilogin`s license for using the Cloud API has expired.')
    if (appId !== state.keys.appId || clientSecret !== state.keys.clientSecret)
      return failure(401, 'Invalid clientSecret.')
    return apiKey === state.keys.apiKey
      ? issue()
      : failure(401, `Login ${String(apiKey).slice(0, 3)} is not authorized.`)
  })
  app.post('/api/1/access_token', async (c) => {
    const { apiLogin }: Record<string, unknown> = await c.req.json()
    if (!state.isOldTokenOn) return failure(401, 'This method is off. Use /api/v2/access_token.')
    return apiLogin === state.keys.apiKey ? issue() : failure(401, 'Login x is not authorized.')
  })
  function issue(): Response {
    const exp = Math.floor((now() + TOKEN_MS) / 1000)
    const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll('=', '')
    const token = `${part({ alg: 'HS256' })}.${part({ exp, jti: state.tokens.size })}.signature`
    state.tokens.set(token, exp * 1000)
    return ok({ token })
  }

  /** A method behind the token: its body is checked against the documented members. */
  function method<T>(path: string, Body: z.ZodType<T>, answer: (body: T, text: string) => Response): void {
    app.post(`/api/1/${path}`, async (c) => {
      const token = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
      if ((state.tokens.get(token) ?? 0) <= now()) return failure(401, 'Token is expired or unknown.')
      if (!c.req.header('content-type')?.startsWith('application/json'))
        return failure(400, 'Content-Type must be application/json.')
      const text = await c.req.text()
      const body = Body.safeParse(JSON.parse(text))
      if (!body.success) return failure(400, `Bad request: ${body.error.issues[0]?.path.join('.')}`, 'BAD_REQUEST')
      const { organizationIds, organizationId } = About.parse(body.data)
      const named = organizationIds ?? (organizationId ? [organizationId] : [])
      state.onList?.(path)
      const foreign = named.find((id) => !state.organizations.some((one) => one.id === id))
      if (foreign) return failure(403, `Organization ${foreign} is not granted to the api login.`)
      return answer(body.data, text)
    })
    app.get(`/api/1/${path}`, () => failure(405, 'Method Not Allowed'))
  }

  method('organizations', BODIES.organizations, () =>
    ok({
      organizations: state.denied.has('organizations')
        ? []
        : state.organizations.map((one) => ({
            responseType: 'Extended',
            code: null,
            isCloud: true,
            version: '9.4.7012.0',
            ...one,
          })),
    }),
  )
  method('terminal_groups', BODIES.terminals, ({ organizationIds, includeDisabled }) => {
    const groups = organizationIds.map((organizationId) => {
      const item = { id: TERMINAL, organizationId, name: 'Касса 1', address: '', timeZone: state.terminalZone }
      return { organizationId, items: includeDisabled && organizationId === ORGANIZATION ? [item] : [] }
    })
    return ok({ terminalGroups: groups, terminalGroupsInSleep: [] })
  })
  method('terminal_groups/is_alive', BODIES.alive, ({ terminalGroupIds }) =>
    ok({ isAliveStatus: terminalGroupIds.map((terminalGroupId) => ({ isAlive: true, terminalGroupId })) }),
  )
  method('reserve/available_restaurant_sections', BODIES.sections, () => {
    if (state.denied.has('tables')) return failure(400, 'Reserves are not available.')
    if (state.denied.has('sections')) return failure(403, 'Access to reserves is denied.')
    const tables = [{ id: TABLE, number: 1, name: 'Стол 1', seatingCapacity: 4, revision: 1, isDeleted: false }]
    const section = { id: crypto.randomUUID(), terminalGroupId: TERMINAL, name: 'Зал', tables, schema: null }
    return ok({ restaurantSections: [section], revision: 1 })
  })
  method('payment_types', BODIES.payments, () => {
    if (state.denied.has('payments')) return failure(403, 'Access to dictionaries is denied.')
    const types = Object.entries(PAYMENT_TYPES).map(([kind, id]) => ({
      ...{ id, code: kind.slice(0, 4).toUpperCase(), name: kind, isDeleted: false, paymentTypeKind: kind },
      ...{ applicableMarketingCampaigns: [], terminalGroups: [] },
    }))
    return ok({ paymentTypes: types })
  })
  method('webhooks/settings', BODIES.hooks, ({ organizationId }) => {
    if (state.denied.has('hooks')) return failure(403, 'Access to webhooks is denied.')
    const settings = state.hookSettings.get(organizationId) ?? NO_HOOKS
    return ok({ apiLoginName: 'loyalty', ...settings })
  })
  method('webhooks/update_settings', HookUpdate, ({ organizationId, ...settings }) => {
    if (state.denied.has('hooks')) return failure(403, 'Access to webhooks is denied.')
    state.hookSettings.set(organizationId, settings)
    return ok({})
  })

  function show(order: Order): Record<string, unknown> {
    if (isPaid(order)) order.shownAt = order.closedAt ?? order.createdAt
    const info = orderInfo(order, zone)
    const body = info['order']
    return state.broken.has(order.id) && typeof body === 'object' ? { ...info, order: { ...body, sum: null } } : info
  }
  function grouped(organizationIds: readonly string[], orders: readonly Order[]): Response {
    const found = state.emptyLists ? [] : orders
    if (found.length > rowsMax) return failure(422, 'Too many orders: narrow the period.')
    const ordersByOrganizations = organizationIds.map((organizationId) => ({
      organizationId,
      orders: found.filter((order) => order.organizationId === organizationId).map(show),
    }))
    return ok({ maxRevision: REVISION + cafe.revision().toString(), ordersByOrganizations })
  }
  const deliveries = () => [...cafe.orders.values()].filter(({ kind }) => kind === 'delivery')

  method('deliveries/by_delivery_date_and_status', BODIES.planned, (body) => {
    if (state.denied.has('deliveries')) return failure(403, 'Access to deliveries is denied.')
    const { deliveryDateFrom: from, deliveryDateTo: to } = body
    if (from < stamp(new Date(now() - 7 * DAY_MS), zone))
      return failure(400, 'deliveryDateFrom is more than 7 days ago.')
    const inside = ({ plannedAt }: Order) => stamp(plannedAt, zone) >= from && (!to || stamp(plannedAt, zone) <= to)
    return grouped(
      body.organizationIds,
      deliveries().filter((order) => inside(order) && body.organizationIds.includes(order.organizationId)),
    )
  })
  method('deliveries/by_revision', BODIES.revision, ({ organizationIds }, text) => {
    if (state.denied.has('deliveries')) return failure(403, 'Access to deliveries is denied.')
    // The body's own digits: the parsed number has lost some.
    const start = BigInt(/"startRevision"\s*:\s*(\d+)/.exec(text)?.[1] ?? 0)
    const skipped = deliveries().filter(
      (order) => order.revision > start && order.changedAt.getTime() < now() - REVISION_MS,
    )
    if (state.refusesRevisions || skipped.length > 0) return failure(400, 'Revision is too old.')
    const changed = deliveries().filter(
      (order) => order.revision > start && organizationIds.includes(order.organizationId),
    )
    return grouped(organizationIds, changed)
  })

  function byIds(
    kind: Order['kind'],
    organizationIds: readonly string[],
    ids: z.infer<typeof BODIES.order>,
    days: number,
  ): Response {
    if ((ids.orderIds == null) === (ids.posOrderIds == null))
      return failure(400, 'Exactly one of orderIds and posOrderIds.')
    const isKept = ({ createdAt }: Order) => createdAt.getTime() > now() - days * DAY_MS
    const isNamed = (order: Order) => ids.orderIds?.includes(order.id) || ids.posOrderIds?.includes(order.posId)
    const orders = [...cafe.orders.values()].filter(
      (order) =>
        order.kind === kind && organizationIds.includes(order.organizationId) && isKept(order) && isNamed(order),
    )
    return ok({ orders: (state.emptyLists ? [] : orders).map(show) })
  }
  method('deliveries/by_id', BODIES.delivery, ({ organizationId, ...ids }) =>
    byIds('delivery', [organizationId], { organizationIds: [organizationId], ...ids }, 7),
  )
  method('order/by_id', BODIES.order, (body) => byIds('table', body.organizationIds, body, 90))
  method('order/by_table', BODIES.table, (body) => {
    if (state.denied.has('orders')) return failure(403, 'Access to orders is denied.')
    const inside = ({ createdAt }: Order) =>
      stamp(createdAt, zone) >= body.dateFrom && stamp(createdAt, zone) <= body.dateTo
    const isHere = (order: Order) => order.kind === 'table' && body.organizationIds.includes(order.organizationId)
    const orders = [...cafe.orders.values()].filter(
      (order) => isHere(order) && inside(order) && body.tableIds.includes(TABLE),
    )
    if (orders.length > rowsMax) return failure(422, 'Too many orders: narrow the period.')
    return ok({ orders: (state.emptyLists ? [] : orders).map(show) })
  })
  app.all('/api/*', () => failure(404, 'Not Found'))
}

const REVISION = 'revision:'

/** JSON with revisions as the int64 numbers that they are. */
function withRevisions(answer: unknown): string {
  return JSON.stringify(answer).replaceAll(/"revision:(\d+)"/g, '$1')
}

function withUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknown)
  if (typeof value !== 'object' || value === null) return value
  const known = Object.entries(value).map(([name, part]): [string, unknown] => [name, withUnknown(part)])
  return { ...Object.fromEntries(known), brandNew: { since: 2027, list: [1, 'a', null] } }
}
