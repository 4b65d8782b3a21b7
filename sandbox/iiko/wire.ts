// The café in iiko's own forms, with the variety that live bodies have: members that are null, times with and without
// milliseconds' digits, sums as numbers or text, a time of change in seconds. Which form a thing takes depends on its
// id.
import { localDate, localDateTime } from '#lib/time.ts'
import {
  dueOf,
  type Guest,
  type Line,
  type Modifier,
  type Order,
  type Payment,
  type Receipt,
} from '#sandbox/iiko/cafe.ts'

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
    payments: order.payments.map(payment),
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
    // An empty GUID is as little of a move as null.
    movedToDeliveryId: order.movedTo ?? (order.number % 3 === 0 ? NO_ID : null),
    orderType: { id: '6b5f0000-0000-4000-8000-000000000001', name: 'Доставка', orderServiceType: 'DeliveryByCourier' },
  }
}

const NO_ID = '00000000-0000-0000-0000-000000000000'

/** By kind. Orders call iiko's own bonuses `External`; only this list tells them apart. */
export const PAYMENT_TYPES: Readonly<Record<string, string>> = {
  Cash: '010a0000-0000-4000-8000-000000000001',
  Card: '010a0000-0000-4000-8000-000000000002',
  Writeoff: '010a0000-0000-4000-8000-000000000003',
  External: '010a0000-0000-4000-8000-000000000004',
  IikoCard: '010a0000-0000-4000-8000-000000000005',
}

function payment({ kind, kopecks, isPreliminary = false }: Payment): Json {
  return {
    paymentType: { id: PAYMENT_TYPES[kind], name: kind, kind: kind === 'IikoCard' ? 'External' : kind },
    sum: kopecks / 100,
    ...{ isPreliminary, isExternal: false, isProcessedExternally: false, isPrepay: false },
  }
}

export const TERMINAL = 'a4bb0000-0000-4000-8000-000000000001'
export const TABLE = 'ab1e0000-0000-4000-8000-000000000001'

function item({ id, title, quantity, kopecks, type, removed, modifiers = [] }: Line): Json {
  const sum = kopecks / 100
  const deleted = removed ? { deletionMethod: { comment: null } } : null
  if (type === 'Service') return { type, service: { id, name: title }, cost: sum, deleted }
  const product = { id, name: title }
  if (type === 'Product') {
    return {
      ...{ type, product, amount: quantity, price: sum, cost: sum + 10, resultSum: sum, status: 'Served', deleted },
      modifiers: modifiers.map(modifier),
    }
  }
  const half = Math.floor(kopecks / 2)
  return {
    ...{ type, amount: quantity, status: 'Served', deleted, commonModifiers: modifiers.slice(1).map(modifier) },
    primaryComponent: {
      ...{ product, cost: half / 100, resultSum: half / 100 },
      modifiers: modifiers.slice(0, 1).map(modifier),
    },
    secondaryComponent: { product: { id: `${id}-2`, name: 'вторая половина' }, cost: (kopecks - half) / 100 },
  }
}

function modifier({ id, title, kopecks }: Modifier): Json {
  return { product: { id, name: title }, amount: 1, price: kopecks / 100, resultSum: kopecks / 100, deleted: null }
}

/** The rows of a receipt's line, with every column of the sales report: its modifiers are dishes like others. */
export function saleRow(receipt: Receipt, one: Line, zone: string): Json[] {
  const { isReturn, guest, others } = receipt
  const sign = isReturn ? -1 : 1
  const sum = (kopecks: number) => (receipt.number % 4 === 0 ? (kopecks / 100).toFixed(2) : kopecks / 100)
  const dish = (id: string, name: string, kopecks: number) => ({
    'UniqOrderId.Id': receipt.id,
    OrderNum: receipt.number,
    'OpenDate.Typed': accountingDay(receipt.closedAt, zone),
    CloseTime: receipt.isOpen ? null : closeTime(receipt, zone),
    DishId: id,
    DishName: receipt.number % 2 === 0 ? `${name} ` : name,
    DishAmountInt: one.quantity * sign,
    DishSumInt: sum(kopecks * sign),
    // Of what was taken back the sum is zero, and stands without a sign in a column of its own.
    DishDiscountSumInt: isReturn ? 0 : sum(kopecks),
    DishReturnSum: isReturn ? sum(kopecks) : 0,
    Storned: isReturn ? 'TRUE' : 'FALSE',
    OrderDeleted: receipt.isDeleted ? 'DELETED' : 'NOT_DELETED',
    DeletedWithWriteoff: isReturn || one.removed ? 'DELETED_WITHOUT_WRITEOFF' : 'NOT_DELETED',
    SourceOrderId: receipt.returnOf,
    ...guestColumns(guest, receipt.number),
    'Department.Id': DEPARTMENT.id,
    Department: DEPARTMENT.name,
    'PayTypes.Group': receipt.payGroup === 'IikoCard' ? 'NON_CASH' : receipt.payGroup,
    'PayTypes.GUID': PAY_GROUPS[receipt.payGroup],
  })
  const own = dish(one.id, one.title, one.kopecks)
  const modifiers = (one.modifiers ?? []).map(({ id, title, kopecks }) => dish(id, title, kopecks))
  const unpaid = others.map((other) => ({ ...dish(one.id, one.title, 0), ...guestColumns(other, 0), DishAmountInt: 0 }))
  return [own, ...modifiers, ...unpaid]
}

const PAY_GROUPS: Readonly<Record<Receipt['payGroup'], string | undefined>> = {
  CASH: PAYMENT_TYPES['Cash'],
  CARD: PAYMENT_TYPES['Card'],
  WRITEOFF: PAYMENT_TYPES['Writeoff'],
  IikoCard: PAYMENT_TYPES['IikoCard'],
}

/** A card stands in one of three columns, and some tills write one 7 too many. */
function guestColumns({ phone, name, card }: Guest, number: number): Json {
  const column = number % 5
  return {
    'Delivery.CustomerPhone': number % 7 === 0 ? (phone?.replace(/^\+7/, '77') ?? null) : phone,
    'Delivery.CustomerName': name,
    'Delivery.CustomerCardNumber': column < 2 ? card : null,
    'Bonus.CardNumber': column === 2 || column === 3 ? card : null,
    'OrderDiscount.GuestCard': column === 4 ? card : null,
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
