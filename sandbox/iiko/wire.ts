// The café in iiko's own forms, with the variety that live bodies have: members that are null, times with and without
// milliseconds' digits, sums as numbers or text, a time of change in seconds. Which form a thing takes depends on its
// id.
import { localDate, localDateTime } from '#lib/time.ts'
import { dueOf, type Line, type Order, type Receipt } from '#sandbox/iiko/cafe.ts'

type Json = Record<string, unknown>

export const DEPARTMENT = { id: 'd8d4a22e-3abd-4f02-b82d-7d4712f32729', name: 'Кафе «Центр»' }

/** `yyyy-MM-dd HH:mm:ss.fff` on the terminal's wall clock. */
export function stamp(date: Date, zone: string): string {
  return `${localDateTime(date, zone).replace('T', ' ')}.${String(date.getUTCMilliseconds()).padStart(3, '0')}`
}

export function orderInfo(order: Order, zone: string): Json {
  const timestamp = order.number % 11 === 0 ? Math.floor(order.changedAt.getTime() / 1000) : order.changedAt.getTime()
  return {
    id: order.id,
    posId: order.creation === 'Success' ? order.posId : null,
    externalNumber: null,
    organizationId: order.organizationId,
    timestamp,
    creationStatus: order.creation,
    errorInfo:
      order.creation === 'Error' ? { code: 'TerminalGroupDisabled', message: 'Creation timeout expired' } : null,
    order: order.creation === 'Success' ? body(order, zone) : null,
  }
}

function body(order: Order, zone: string): Json {
  const at = (date: Date | null) => date && stamp(date, zone)
  const { customer } = order
  const isTable = order.kind === 'table'
  const common = {
    customer: customer && {
      type: customer.id === null ? 'one-time' : 'regular',
      ...(customer.id !== null && { id: customer.id, surname: customer.surname }),
      name: customer.name,
    },
    phone: customer?.phone ?? (isTable ? null : ''),
    status: order.status,
    whenCreated: at(order.createdAt),
    whenClosed: at(order.closedAt),
    sum: dueOf(order.lines) / 100,
    number: order.number,
    sourceKey: order.number % 3 === 0 ? 'site' : null,
    items: order.lines.map((one) => item(one)),
    payments: order.payments.map((payment) => ({
      paymentType: { id: '010a0000-0000-4000-8000-000000000001', name: payment.kind, kind: payment.kind },
      sum: payment.kopecks / 100,
      ...{ isPreliminary: false, isExternal: false, isProcessedExternally: false, isPrepay: false },
    })),
    discounts: null,
    tips: [],
    terminalGroupId: TERMINAL,
  }
  if (isTable) return { ...common, tableIds: [TABLE], tabName: null }
  return {
    ...common,
    isDeleted: order.isDeleted ? true : order.number % 2 === 0 ? false : null,
    cancelInfo: order.status === 'Cancelled' ? { whenCancelled: at(order.changedAt), cause: null } : null,
    completeBefore: at(order.plannedAt),
    whenDelivered: at(order.closedAt),
    whenReceivedByApi: stamp(order.createdAt, 'UTC'),
    movedToDeliveryId: order.movedTo,
    orderType: { id: '6b5f0000-0000-4000-8000-000000000001', name: 'Доставка', orderServiceType: 'DeliveryByCourier' },
  }
}

export const TERMINAL = 'a4bb0000-0000-4000-8000-000000000001'
export const TABLE = 'ab1e0000-0000-4000-8000-000000000001'

function item({ id, title, quantity, kopecks, type, removed }: Line): Json {
  const sum = kopecks / 100
  const deleted = removed ? { deletionMethod: { comment: null } } : null
  if (type === 'Service') return { type, service: { id, name: title }, cost: sum, deleted }
  const product = { id, name: title }
  if (type === 'Product') {
    return {
      type,
      product,
      amount: quantity,
      price: sum,
      cost: sum + 10,
      resultSum: sum,
      modifiers: [],
      status: 'Served',
      deleted,
    }
  }
  const half = Math.floor(kopecks / 2)
  return {
    ...{ type, amount: quantity, status: 'Served', deleted },
    primaryComponent: { product, cost: half / 100, resultSum: half / 100 },
    secondaryComponent: { product: { id: `${id}-2`, name: 'вторая половина' }, cost: (kopecks - half) / 100 },
  }
}

/** A line of a receipt with every column of the sales report that the sandbox's server knows. */
export function saleRow(receipt: Receipt, one: Line, zone: string): Json {
  const { isReturn, guest } = receipt
  const sign = isReturn ? -1 : 1
  const sum = (kopecks: number) => (receipt.number % 4 === 0 ? (kopecks / 100).toFixed(2) : kopecks / 100)
  return {
    'UniqOrderId.Id': receipt.id,
    OrderNum: receipt.number,
    'OpenDate.Typed': accountingDay(receipt.closedAt, zone),
    CloseTime: closeTime(receipt, zone),
    DishId: one.id,
    DishName: receipt.number % 2 === 0 ? `${one.title} ` : one.title,
    DishAmountInt: one.quantity * sign,
    DishSumInt: sum(one.kopecks * sign),
    // Of what was taken back the sum is zero, and stands without a sign in a column of its own.
    DishDiscountSumInt: isReturn ? 0 : sum(one.kopecks),
    DishReturnSum: isReturn ? sum(one.kopecks) : 0,
    Storned: isReturn ? 'TRUE' : 'FALSE',
    OrderDeleted: receipt.isDeleted ? 'DELETED' : 'NOT_DELETED',
    DeletedWithWriteoff: isReturn || one.removed ? 'DELETED_WITHOUT_WRITEOFF' : 'NOT_DELETED',
    SourceOrderId: receipt.returnOf,
    'Delivery.CustomerPhone': guest.phone,
    'Delivery.CustomerName': guest.name,
    'Bonus.CardNumber': guest.card,
    'OrderDiscount.GuestCard': null,
    'Department.Id': DEPARTMENT.id,
    Department: DEPARTMENT.name,
    'PayTypes.Group': receipt.payGroup,
  }
}

/** What is closed before five in the morning belongs to the day before. */
export function accountingDay(closedAt: Date, zone: string): string {
  return localDate(new Date(closedAt.getTime() - 5 * 3_600_000), zone)
}

/** Without a zone, and with as many digits of a second as it needs: none to three. */
function closeTime({ closedAt }: Receipt, zone: string): string {
  const digits = String(closedAt.getUTCMilliseconds()).padStart(3, '0').replace(/0+$/, '')
  return `${localDateTime(closedAt, zone)}${digits && `.${digits}`}`
}
