// The reports of iikoServer. A report should not have more than seven fields, and grouping by payment multiplies the
// rows of a dish. So one report has what was sold, one to whom, and one which part was paid with something that is not
// money.
import { CrmError } from '#lib/crm-error.ts'
import { addDays } from '#lib/time.ts'
import type { Columns } from '#crm/iiko/schema.ts'
import type { Query } from '#crm/iiko/server.ts'

const RECEIPT = 'UniqOrderId.Id'
const DATE = 'OpenDate.Typed'
const DEPARTMENT = 'Department.Id'
const KIND = 'PayTypes.Group'
const SUM = 'DishDiscountSumInt'
const SOLD = [RECEIPT, 'CloseTime', 'DishId', 'DishName', 'Storned', 'OrderDeleted', 'DeletedWithWriteoff']
const SOLD_SUMS = ['DishAmountInt', SUM, 'DishReturnSum']
const GUEST = [
  ...[RECEIPT, 'Delivery.CustomerPhone', 'Delivery.CustomerName', 'Bonus.CardNumber', 'OrderDiscount.GuestCard'],
  ...[DEPARTMENT, 'Department'],
]
/** Grouped by dish too: by receipt alone some versions return wrong sums. */
const UNPAID = [RECEIPT, 'DishId', KIND]
/** The kinds of payment in reports. */
const KINDS = new Set(['CASH', 'CARD', 'WRITEOFF', 'NON_CASH'])
const REQUIRED = [RECEIPT, DATE, 'CloseTime', SUM]
const USED = new Set([...REQUIRED, ...SOLD, ...SOLD_SUMS, ...GUEST, KIND])

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

/** The used ones of the server's columns. Throws CrmError `rejected` when a required one is missing. */
export function usedColumns(columns: Columns): string[] {
  const missing = REQUIRED.filter((name) => !(name in columns))
  if (missing.length > 0) {
    throw new CrmError('rejected', { reason: 'server_fields_missing', params: { fields: missing.join(', ') } })
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

/** Who bought it and where; null when the server has no such columns. */
export function guestQuery(scope: Scope): Query | null {
  const query = queryOf(GUEST, [SUM], scope)
  return query.groupByRowFields.length > 1 ? query : null
}

/** What was paid with these kinds of payment; null when there is nothing to read. */
export function unpaidQuery(scope: Scope, kinds: readonly string[]): Query | null {
  const values = kinds.map((kind) => kind.toUpperCase()).filter((kind) => KINDS.has(kind))
  if (values.length === 0 || !scope.columns.includes(KIND)) return null
  const query = queryOf(UNPAID, [SUM], scope)
  return { ...query, filters: { ...query.filters, [KIND]: { filterType: 'IncludeValues', values } } }
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
