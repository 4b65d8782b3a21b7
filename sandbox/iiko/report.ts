// The sales report over the café, as both iikoServer and the cloud make it: every receipt of the till, and every order
// that was closed, since the till has them all. Strict about what is documented: fields, at most seven of them, a date
// filter, one month.
import { addDays } from '#lib/time.ts'
import { type Cafe, isPaid, type Receipt } from '#sandbox/iiko/cafe.ts'
import { accountingDay, saleRow } from '#sandbox/iiko/wire.ts'

const GROUPS = [
  ...['UniqOrderId.Id', 'OrderNum', 'OpenDate.Typed', 'CloseTime', 'DishId', 'DishName', 'Storned', 'OrderDeleted'],
  ...['DeletedWithWriteoff', 'SourceOrderId', 'Delivery.CustomerPhone', 'Delivery.CustomerName', 'Bonus.CardNumber'],
  ...['Delivery.CustomerCardNumber', 'OrderDiscount.GuestCard', 'Department.Id', 'Department'],
  ...['PayTypes.Group', 'PayTypes.GUID'],
]
const SUMS = ['DishAmountInt', 'DishSumInt', 'DishDiscountSumInt', 'DishReturnSum']
const FIELDS_MAX = 7
/** Younger orders are the cloud's. */
const CLOUD_MS = 7 * 86_400_000

export interface Query {
  readonly fields: readonly string[]
  readonly sums: readonly string[]
  readonly from: string
  /** Exclusive. */
  readonly to: string
  /** By field. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>
}

/** What can be set while it runs, of both systems alike. */
export interface ReportState {
  /** Columns that this version does not have. */
  readonly missing: Set<string>
  /** Receipts whose sum cannot be read. */
  readonly broken: Set<string>
  /** Rows that belong to no order, which real reports have beside good ones. */
  orphans: number
  unknownFields: boolean
}

export function knownColumns({ missing }: ReportState): (readonly [name: string, isSum: boolean])[] {
  const all = [...GROUPS.map((name) => [name, false] as const), ...SUMS.map((name) => [name, true] as const)]
  return all.filter(([name]) => !missing.has(name))
}

/** What is wrong with a query; null: nothing. */
export function refuseQuery({ fields, sums, from, to, values }: Query, state: ReportState): string | null {
  const known = new Map(knownColumns(state))
  const isGroup = (name: string) => known.get(name) === false
  const strangers = [
    ...[...fields, ...values.keys()].filter((name) => !isGroup(name)),
    ...sums.filter((name) => known.get(name) !== true),
  ]
  if (strangers.length > 0) return `Unknown OLAP field ${strangers.join(', ')}`
  if (fields.length === 0 || fields.length > FIELDS_MAX) return 'One to seven fields'
  return to > addDays(from, 31) ? 'The period is longer than a month' : null
}

type Row = Record<string, unknown>

/** Rows that agree in the fields, with the sums of the rest; in no order that means anything. */
export function makeReport(cafe: Cafe, query: Query, { state, zone }: { state: ReportState; zone: string }): Row[] {
  const rows = rowsOf(cafe, query, { state, zone })
  const groups = new Map<string, Row>()
  for (const row of rows) {
    const fields = Object.fromEntries(query.fields.map((name) => [name, row[name]]))
    const key = JSON.stringify(fields)
    const before = groups.get(key)
    const sums = query.sums.map((name): [string, unknown] => [name, before ? plus(before[name], row[name]) : row[name]])
    groups.set(key, Object.assign(fields, Object.fromEntries(sums)))
  }
  const found = [...groups.values()].toReversed()
  return state.unknownFields ? found.map((row) => ({ ...row, brandNew: [1] })) : found
}

function rowsOf(cafe: Cafe, { from, to, values }: Query, { state, zone }: { state: ReportState; zone: string }): Row[] {
  const receipts = [...cafe.receipts.values(), ...closedOrders(cafe)].filter(({ closedAt }) => {
    const day = accountingDay(closedAt, zone)
    return day >= from && day < to
  })
  for (const receipt of receipts) {
    receipt.shown = receipt.shown || (!receipt.isDeleted && !receipt.isOpen)
    const order = [...cafe.orders.values()].find(({ posId }) => posId === receipt.id)
    if (order?.kind === 'delivery' && order.createdAt.getTime() < cafe.now().getTime() - CLOUD_MS)
      order.isReported = true
  }
  const rows = receipts
    .flatMap((receipt) => receipt.lines.flatMap((line) => saleRow(receipt, line, zone)))
    .map((row): Row =>
      state.broken.has(String(row['UniqOrderId.Id'])) ? { ...row, DishDiscountSumInt: 'много' } : row,
    )
  const orphans = rows.slice(0, state.orphans).map((row, index): Row => ({
    ...row,
    'UniqOrderId.Id': index % 2 === 0 ? null : '00000000-0000-0000-0000-000000000000',
    DishName: `Без заказа ${index}`,
  }))
  return [...rows, ...orphans].filter((row) => [...values].every(([name, allowed]) => allowed.has(String(row[name]))))
}

function plus(a: unknown, b: unknown): unknown {
  const sum = Math.round((Number(a) + Number(b)) * 100) / 100
  return typeof a === 'string' ? sum.toFixed(2) : sum
}

function closedOrders(cafe: Cafe): Receipt[] {
  return [...cafe.orders.values()].filter(isPaid).map((order) => ({
    ...{ id: order.posId, number: order.number, closedAt: order.closedAt ?? order.createdAt, lines: order.lines },
    ...{ isReturn: false, returnOf: null, isDeleted: false, isOpen: false, shown: false, others: [] },
    payGroup: order.payments.some((one) => one.kind === 'Writeoff' && !one.isPreliminary) ? 'WRITEOFF' : 'CARD',
    guest: { phone: order.kind === 'delivery' ? (order.customer?.phone ?? null) : null, name: null, card: null },
  }))
}
