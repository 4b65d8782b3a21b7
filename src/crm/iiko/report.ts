// The sales reports that iiko's cloud and iikoServer make alike. iiko advises seven fields at most, and grouping by
// payment multiplies the rows of a dish. So one report has what was sold, one to whom and where, one the names of the
// outlets, and one or two which part was paid with something that is not money.
import { CrmError } from '#lib/crm-error.ts'
import { addDays } from '#lib/time.ts'
import type { Columns } from '#crm/iiko/schema.ts'

const RECEIPT = 'UniqOrderId.Id'
const DATE = 'OpenDate.Typed'
const DEPARTMENT = 'Department.Id'
const KIND = 'PayTypes.Group'
const PAY_TYPE = 'PayTypes.GUID'
const SUM = 'DishDiscountSumInt'
const SOLD = [RECEIPT, 'CloseTime', 'DishId', 'DishName', 'Storned', 'OrderDeleted', 'DeletedWithWriteoff']
const SOLD_SUMS = ['DishAmountInt', SUM, 'DishReturnSum']
const TOTAL = [RECEIPT, 'CloseTime', DEPARTMENT, 'Storned', 'OrderDeleted', 'DeletedWithWriteoff']
const TOTAL_SUMS = [SUM, 'DishReturnSum']
const GUEST = [
  ...[RECEIPT, 'Delivery.CustomerPhone', 'Delivery.CustomerName', 'Delivery.CustomerCardNumber', 'Bonus.CardNumber'],
  ...['OrderDiscount.GuestCard', DEPARTMENT],
]
const OUTLET = [DEPARTMENT, 'Department']
/** Grouped by dish too: by receipt alone some versions return wrong sums. */
const UNPAID = [RECEIPT, 'DishId']
/** The kinds of payment in reports. */
const KINDS = new Set(['CASH', 'CARD', 'WRITEOFF', 'NON_CASH'])
const REQUIRED = [RECEIPT, DATE, 'CloseTime', SUM]
const USED = new Set([...REQUIRED, ...SOLD, ...SOLD_SUMS, ...GUEST, ...OUTLET, KIND, PAY_TYPE])

export interface Query {
  readonly groupByRowFields: readonly string[]
  readonly aggregateFields: readonly string[]
  /** By the name of the field. */
  readonly filters: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What makes the reports: iiko's cloud, or iikoServer. */
export interface Reporter {
  /** The columns of the sales report. */
  readonly columns: () => Promise<Columns>
  readonly report: (query: Query) => Promise<readonly unknown[]>
}

/** Accounting days, both inclusive. */
export interface Days {
  readonly from: string
  readonly to: string
}

export interface Scope {
  readonly days: Days
  readonly columns: readonly string[]
  /** Null: all. */
  readonly departments: readonly string[] | null
}

/** The used ones of the columns. Throws CrmError `rejected` when a required one is missing. */
export function usedColumns(columns: Columns): string[] {
  const missing = REQUIRED.filter((name) => !(name in columns))
  if (missing.length > 0) {
    throw new CrmError('rejected', { reason: 'report_fields_missing', params: { fields: missing.join(', ') } })
  }
  return Object.entries(columns).flatMap(([name, column]) => {
    const isAllowed = SOLD_SUMS.includes(name) ? column.aggregationAllowed : name === DATE || column.groupingAllowed
    return USED.has(name) && isAllowed !== false ? [name] : []
  })
}

/** What was sold, line by line. */
export function soldQuery(scope: Scope): Query {
  return queryOf(SOLD, SOLD_SUMS, scope)
}

/** What each receipt came to, added up by the server. */
export function totalQuery(scope: Scope): Query {
  return queryOf(TOTAL, TOTAL_SUMS, scope)
}

/** Who bought it and where; null when the server has no such columns. */
export function guestQuery(scope: Scope): Query | null {
  const query = queryOf(GUEST, [SUM], scope)
  return query.groupByRowFields.length > 1 ? query : null
}

/** The names of the outlets; null when there are no such columns. */
export function outletQuery(scope: Scope): Query | null {
  return OUTLET.every((name) => scope.columns.includes(name)) ? queryOf(OUTLET, [SUM], scope) : null
}

/** The payments that count as no money: kinds, and the kinds of payment types by their ids. */
export interface Excluded {
  readonly kinds: readonly string[]
  readonly paymentTypes: Readonly<Record<string, string>>
}

/** What was paid so. Reports have few kinds; the other ones are found by the ids of their payment types. */
export function unpaidQueries(scope: Scope, { kinds, paymentTypes }: Excluded): Query[] {
  const excluded = new Set(kinds.map((kind) => kind.toUpperCase()))
  const groups = [...excluded].filter((kind) => KINDS.has(kind))
  const types = Object.entries(paymentTypes).flatMap(([id, kind]) => {
    const name = kind.toUpperCase()
    return excluded.has(name) && !groups.includes(name) ? [id] : []
  })
  const query = (field: string, values: readonly string[]): Query[] => {
    if (values.length === 0 || !scope.columns.includes(field)) return []
    const { filters, ...rest } = queryOf([...UNPAID, field], [SUM], scope)
    return [{ ...rest, filters: { ...filters, [field]: { filterType: 'IncludeValues', values } } }]
  }
  // All other kinds are NON_CASH in reports.
  return [...query(KIND, groups), ...(groups.includes('NON_CASH') ? [] : query(PAY_TYPE, types))]
}

function queryOf(fields: readonly string[], sums: readonly string[], { days, columns, departments }: Scope): Query {
  const known = (names: readonly string[]) => names.filter((name) => columns.includes(name))
  const period = { filterType: 'DateRange', periodType: 'CUSTOM', from: days.from, to: addDays(days.to, 1) }
  return {
    groupByRowFields: known(fields),
    aggregateFields: known(sums),
    filters: {
      [DATE]: { ...period, includeLow: true, includeHigh: false },
      ...(departments && { [DEPARTMENT]: { filterType: 'IncludeValues', values: departments } }),
    },
  }
}
