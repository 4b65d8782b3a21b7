// Every kind of record that a café has. The keys of the books' own types are exhausted, so a new kind does not compile
// without an entry.
import { line, type Line, type Order, type Receipt } from '#sandbox/iiko/cafe.ts'
import type { IikoSandbox } from '#sandbox/iiko/state.ts'
import type { Kinds, Recorded } from '#sandbox/sandbox.ts'

type Status = Recorded['status']

const STATUSES: { readonly [S in Order['status']]: readonly [S, Status] } = {
  Unconfirmed: ['Unconfirmed', 'unpaid'],
  CookingStarted: ['CookingStarted', 'unpaid'],
  OnWay: ['OnWay', 'unpaid'],
  Delivered: ['Delivered', 'unpaid'],
  Closed: ['Closed', 'paid'],
  Cancelled: ['Cancelled', 'cancelled'],
  New: ['New', 'unpaid'],
  Deleted: ['Deleted', 'cancelled'],
}

/** Of a closed order. */
const CREATIONS: { readonly [C in Order['creation']]: readonly [C, Status] } = {
  Success: ['Success', 'paid'],
  InProgress: ['InProgress', null],
  Error: ['Error', null],
}

/** Receipts are paid, however that was. */
const PAY_GROUPS: { readonly [G in Receipt['payGroup']]: G } = {
  ...{ CASH: 'CASH', CARD: 'CARD', WRITEOFF: 'WRITEOFF', IikoCard: 'IikoCard' },
}

const lines = (): Line[] => [line('6', 'Пицца', 59_000)]
const hourAgo = ({ cafe }: IikoSandbox) => new Date(cafe.now().getTime() - 3_600_000)

const order =
  (status: Status, change: Partial<Order>, payment = 'Card') =>
  (sandbox: IikoSandbox): Recorded => {
    const { cafe } = sandbox
    const { id } = cafe.touch(Object.assign(cafe.sell({ at: hourAgo(sandbox), lines: lines(), payment }), change))
    return { externalId: id, status }
  }

const receipt =
  (status: Status, change: Partial<Receipt>) =>
  (sandbox: IikoSandbox): Recorded => {
    const { id } = sandbox.cafe.ring(hourAgo(sandbox), lines(), change)
    return { externalId: `olap:${id}`, status }
  }

export const KINDS: Kinds<IikoSandbox> = {
  ...Object.fromEntries(
    Object.values(STATUSES).map(([name, status]) => [`an order ${name}`, order(status, { status: name })]),
  ),
  ...Object.fromEntries(
    Object.values(CREATIONS).map(([creation, status]) => [
      `an order created: ${creation}`,
      order(status, { creation }),
    ]),
  ),
  'a table order': order('paid', { kind: 'table' }),
  'an order marked as deleted': order('cancelled', { isDeleted: true }),
  'an order that was moved': order('cancelled', { movedTo: '00000001-0000-4000-8000-000000000001' }),
  'an order paid with what is no money': order('paid', {}, 'Writeoff'),
  'an order without a trace': (sandbox) => {
    const made = order('paid', {})(sandbox)
    sandbox.cafe.orders.delete(made.externalId)
    return { ...made, status: null }
  },
  ...Object.fromEntries(
    Object.values(PAY_GROUPS).map((payGroup) => [`a receipt paid by ${payGroup}`, receipt('paid', { payGroup })]),
  ),
  'a receipt of a return': receipt('paid', { isReturn: true }),
  'an open receipt': receipt(null, { isOpen: true }),
  'a deleted receipt': receipt(null, { isDeleted: true }),
  'a receipt without a trace': (sandbox) => {
    const made = receipt('paid', {})(sandbox)
    sandbox.cafe.receipts.delete(made.externalId.slice('olap:'.length))
    return { ...made, status: null }
  },
}
