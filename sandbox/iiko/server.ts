// The restaurant's own iikoServer over the same café: OLAP reports behind a login that takes a licence seat until the
// logout. Strict about what is documented: fields of the report, at most seven of them, a date filter, one month.
import type { Hono } from 'hono'
import * as z from 'zod'
import { addDays } from '#lib/time.ts'
import { type Cafe, isPaid, type Receipt } from '#sandbox/iiko/cafe.ts'
import { accountingDay, saleRow } from '#sandbox/iiko/wire.ts'

export interface ServerState {
  credentials: { login: string; password: string }
  /** Licence seats, and the sessions that have taken one, with the time they end by themselves. */
  seats: number
  readonly sessions: Map<string, number>
  /** `reports`: the user may not see them; `module`: the licence has none; `restart`: it is just starting. */
  readonly denied: Set<string>
  /** Columns that this version does not have. */
  readonly missing: Set<string>
  /** Days of a report that are too much at once. */
  daysMax: number
  readonly broken: Set<string>
  logins: number
  unknownFields: boolean
}

const GROUPS = [
  ...['UniqOrderId.Id', 'OrderNum', 'OpenDate.Typed', 'CloseTime', 'DishId', 'DishName', 'Storned', 'OrderDeleted'],
  ...['DeletedWithWriteoff', 'SourceOrderId', 'Delivery.CustomerPhone', 'Delivery.CustomerName', 'Bonus.CardNumber'],
  ...['OrderDiscount.GuestCard', 'Department.Id', 'Department', 'PayTypes.Group'],
]
const SUMS = ['DishAmountInt', 'DishSumInt', 'DishDiscountSumInt', 'DishReturnSum']
const FIELDS_MAX = 7
const SESSION_MS = 3_600_000
/** Younger orders are the cloud's. */
const CLOUD_MS = 7 * 86_400_000

const Values = z.strictObject({ filterType: z.literal('IncludeValues'), values: z.array(z.string()) })
const Period = z.strictObject({
  filterType: z.literal('DateRange'),
  periodType: z.literal('CUSTOM'),
  from: z.iso.date(),
  to: z.iso.date(),
  includeLow: z.boolean().default(true),
  includeHigh: z.boolean().default(false),
})
const Query = z.strictObject({
  reportType: z.literal('SALES'),
  buildSummary: z.literal(false),
  groupByRowFields: z.array(z.string()).min(1).max(FIELDS_MAX),
  aggregateFields: z.array(z.string()),
  filters: z.looseObject({ 'OpenDate.Typed': Period }),
})
type Query = z.infer<typeof Query>

const text = (status: number, body: string) => new Response(body, { status, headers: { 'content-type': 'text/plain' } })

export function addServer(app: Hono, state: ServerState, cafe: Cafe, zone: string): void {
  app.on(['GET', 'POST'], '/resto/api/auth', async (c) => {
    const { login, pass } = c.req.query()
    if (state.denied.has('restart')) return text(401, 'Unauthorized')
    if (login !== state.credentials.login || pass !== (await sha1(state.credentials.password)))
      return text(401, 'Unauthorized')
    if (state.denied.has('module')) return text(403, 'Module 2000 is blocked within current license')
    for (const [key, until] of state.sessions) if (until <= cafe.now().getTime()) state.sessions.delete(key)
    if (state.sessions.size >= state.seats) {
      return text(403, 'License enhancement is required: no connections available for module 2000')
    }
    const key = crypto.randomUUID()
    state.sessions.set(key, cafe.now().getTime() + SESSION_MS)
    state.logins += 1
    return text(200, `${key}\n`)
  })
  app.get('/resto/api/logout', (c) => {
    const key = c.req.query('key') ?? ''
    return state.sessions.delete(key) ? text(200, key) : text(401, 'Unauthorized')
  })
  app.use('/resto/api/v2/*', async (c, next) => {
    if (!state.sessions.has(c.req.query('key') ?? '')) return text(401, 'Unauthorized')
    if (state.denied.has('reports')) return text(403, 'Permission denied')
    await next()
    return undefined
  })
  const has = (name: string) => !state.missing.has(name)
  app.get('/resto/api/v2/reports/olap/columns', () => {
    const column = (name: string, isSum: boolean) => ({
      ...{ name, type: isSum ? 'MONEY' : 'STRING', tags: [] },
      ...{ aggregationAllowed: isSum, groupingAllowed: !isSum, filteringAllowed: !isSum },
    })
    const all = [...GROUPS.map((name) => [name, false] as const), ...SUMS.map((name) => [name, true] as const)]
    return Response.json(
      Object.fromEntries(all.filter(([name]) => has(name)).map(([name, isSum]) => [name, column(name, isSum)])),
    )
  })
  app.post('/resto/api/v2/reports/olap', async (c) => {
    const query = Query.safeParse(await c.req.json())
    if (!query.success) return text(400, `Bad request: ${query.error.issues[0]?.path.join('.')}`)
    const { groupByRowFields, aggregateFields, filters } = query.data
    const strangers = [
      ...groupByRowFields.filter((name) => !GROUPS.includes(name) || !has(name)),
      ...aggregateFields.filter((name) => !SUMS.includes(name) || !has(name)),
      ...Object.keys(filters).filter((name) => !GROUPS.includes(name) || !has(name)),
    ]
    if (strangers.length > 0) return text(400, `Unknown OLAP field ${strangers.join(', ')}`)
    const { from, to } = filters['OpenDate.Typed']
    if (to > addDays(from, 31)) return text(400, 'The period is longer than a month')
    if (to > addDays(from, state.daysMax)) return new Response('x'.repeat(11 * 1024 * 1024))
    const rows = grouped(rowsOf(query.data), query.data)
    return Response.json({
      data: state.unknownFields ? rows.map((row) => ({ ...row, brandNew: [1] })) : rows,
      summary: [],
    })
  })
  app.all('/resto/*', () => text(404, 'Not Found'))

  /** Receipts of the till, and every order that was closed: the till has them all. */
  function rowsOf(query: Query): Row[] {
    const { from, to } = query.filters['OpenDate.Typed']
    const values = Object.entries(query.filters).flatMap(([name, filter]) => {
      const parsed = Values.safeParse(filter).data
      return parsed ? [[name, new Set(parsed.values)] as const] : []
    })
    const receipts = [...cafe.receipts.values(), ...closedOrders(cafe)].filter((receipt) => {
      const day = accountingDay(receipt.closedAt, zone)
      return day >= from && day < to
    })
    for (const receipt of receipts) {
      receipt.shown = receipt.shown || !receipt.isDeleted
      const order = [...cafe.orders.values()].find(({ posId }) => posId === receipt.id)
      if (order?.kind === 'delivery' && order.createdAt.getTime() < cafe.now().getTime() - CLOUD_MS)
        order.isReported = true
    }
    return receipts
      .flatMap((receipt) => receipt.lines.map((line) => saleRow(receipt, line, zone)))
      .map((row): Row =>
        state.broken.has(String(row['UniqOrderId.Id'])) ? { ...row, DishDiscountSumInt: 'много' } : row,
      )
      .filter((row) => values.every(([name, allowed]) => allowed.has(String(row[name]))))
  }
}

type Row = Record<string, unknown>

/** Rows that agree in the fields, with the sums of the rest; in no order that means anything. */
function grouped(rows: readonly Row[], { groupByRowFields, aggregateFields }: Query): Row[] {
  const groups = new Map<string, Row>()
  for (const row of rows) {
    const fields = Object.fromEntries(groupByRowFields.map((name) => [name, row[name]]))
    const key = JSON.stringify(fields)
    const before = groups.get(key)
    const sums = aggregateFields.map((name): [string, unknown] => {
      return [name, before ? plus(before[name], row[name]) : row[name]]
    })
    groups.set(key, Object.assign(fields, Object.fromEntries(sums)))
  }
  return [...groups.values()].toReversed()
}

function plus(a: unknown, b: unknown): unknown {
  const sum = Math.round((Number(a) + Number(b)) * 100) / 100
  return typeof a === 'string' ? sum.toFixed(2) : sum
}

function closedOrders(cafe: Cafe): Receipt[] {
  return [...cafe.orders.values()].filter(isPaid).map((order) => ({
    ...{ id: order.posId, number: order.number, closedAt: order.closedAt ?? order.createdAt, lines: order.lines },
    ...{ isReturn: false, returnOf: null, isDeleted: false, shown: false },
    payGroup: order.payments.some(({ kind }) => kind === 'Writeoff') ? 'WRITEOFF' : 'CARD',
    guest: { phone: order.kind === 'delivery' ? (order.customer?.phone ?? null) : null, name: null, card: null },
  }))
}

async function sha1(password: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(password))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
