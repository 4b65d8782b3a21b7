// Tables put together at random from what exports have, with what is right known beforehand. The parts of a sum come
// to it, and columns that are no sums of sales hold numbers, too.
import type { Facts } from './facts.ts'
import { type Language, LANGUAGES } from './languages.ts'
import type { Cells, Rows } from './read-layouts.ts'

export interface Generated {
  readonly table: Rows
  readonly right: Facts
}

type Pick = <T>(items: readonly T[]) => T

/** A row of the truth, in minor units. */
interface Sale {
  readonly at: number
  readonly n: number
  readonly total: number
  readonly tip: number
  readonly discount: number
  readonly tax: number
  readonly fee: number
  readonly refunded: number
  readonly cash: number
  readonly isRefund: boolean
  readonly isCancelled: boolean
}

interface Column {
  readonly header: string
  readonly cell: (sale: Sale) => string
}

/** Numbers from 0 to 1 that can be repeated: a linear congruential generator (Numerical Recipes). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

export function generate(seed: number, language: Language, currency: string): Generated {
  const random = createRandom(seed)
  for (let n = 0; n < 5; n += 1) random()
  const pick: Pick = (items) => {
    const item = items[Math.floor(random() * items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  const is = (share: number) => random() < share
  const has = {
    ...{ kind: is(0.4), status: is(0.35), tenders: is(0.3), discount: is(0.3), tax: is(0.3), tip: is(0.15) },
    ...{ fee: is(0.15), time: is(0.3), id: is(0.75), sign: is(0.5), otherDate: is(0.25), otherId: is(0.25) },
    refunded: is(0.12),
  }
  const style = { isWhole: is(0.2), sign: is(0.2) ? pick(language.signs) : '', totals: is(0.2), isShort: is(0.15) }
  const money = (minor: number) => {
    const text = style.isWhole ? String(Math.round(minor / 100)) : language.money(minor)
    return style.sign === '' ? text : `${text} ${style.sign}`
  }
  const part = (total: number, of: number) => Math.floor(total / of / 100) * 100 + (style.isWhole ? 0 : total % 97)
  const length = style.isShort ? 1 + Math.floor(random() * 3) : 4 + Math.floor(random() * 6)
  const sales = Array.from({ length }, (_, n): Sale => {
    const total = (10 + Math.floor(random() * 2000)) * 100 + (style.isWhole ? 0 : Math.floor(random() * 100))
    return {
      ...{ n, total, at: Date.UTC(2024, 2, 13 + n, 9, 14 + n, 7), tip: part(total, 10) },
      ...{ discount: is(0.5) ? part(total, 5) : 0, tax: part(total, 6), fee: part(total, 30) },
      ...{ cash: is(0.3) ? total : is(0.4) ? 0 : part(total, 3) },
      ...{ refunded: has.refunded && is(0.4) ? part(total, 4) : 0 },
      ...{ isRefund: !has.refunded && n > 2 && is(has.kind ? 0.3 : 0.12), isCancelled: has.status && n > 0 && is(0.3) },
    }
  })
  const signed = (minor: number, sale: Sale) =>
    money(sale.isRefund && (has.sign || !has.kind) && minor !== 0 ? -minor : minor)
  const column = (headers: readonly string[], cell: Column['cell']): Column => ({ header: pick(headers), cell })
  const iso = ({ at }: Sale) => new Date(at).toISOString()
  const words = { sale: pick(language.sale), refund: pick(language.refund), paid: pick(language.paid) }
  const noise = Object.entries(language.noise).filter(() => is(0.2))
  const columns: readonly Column[] = [
    ...(has.id ? [column(is(0.5) ? language.id : language.receipt, ({ n }) => String(1001 + n))] : []),
    column(language.date, (sale) =>
      has.time ? language.day(iso(sale)) : `${language.day(iso(sale))} ${iso(sale).slice(11, 19)}`,
    ),
    ...(has.time ? [column(language.time, (sale) => iso(sale).slice(11, 19))] : []),
    ...(has.otherDate ? [column(language.otherDate, (sale) => `${language.day(iso(sale))} 08:00:00`)] : []),
    ...(has.otherId ? [column(language.otherId, ({ n }) => String(70_000 + Math.floor(n / 2)))] : []),
    column(language.total, (sale) => signed(sale.total, sale)),
    ...(has.discount
      ? [
          column(language.subtotal, (sale) => signed(sale.total + sale.discount, sale)),
          column(language.discount, (sale) => money(sale.discount)),
        ]
      : []),
    ...(has.tax ? [column(language.tax, (sale) => signed(sale.tax, sale))] : []),
    ...(has.refunded ? [column(language.refunded, (sale) => money(sale.isCancelled ? 0 : sale.refunded))] : []),
    ...(has.tip ? [column(language.tip, (sale) => money(sale.tip))] : []),
    ...(has.fee
      ? [
          column(language.fee, (sale) => money(sale.fee)),
          column(language.payout, (sale) => signed(sale.total - sale.fee, sale)),
        ]
      : []),
    ...(has.tenders
      ? [
          column(language.cash, (sale) => signed(sale.cash, sale)),
          column(language.card, (sale) => signed(sale.total - sale.cash, sale)),
        ]
      : []),
    ...(has.kind ? [column(language.kind, ({ isRefund }) => (isRefund ? words.refund : words.sale))] : []),
    ...(has.status
      ? [column(language.status, ({ isCancelled }) => (isCancelled ? pick(language.cancelled) : words.paid))]
      : []),
    ...noise.map(([header, cells]): Column => ({ header, cell: ({ n }) => cells[n % cells.length] ?? '' })),
  ]
  const order = columns
    .map((one) => ({ one, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ one }) => one)
  const rows = sales.map((sale): Cells => order.map(({ cell }) => cell(sale)))
  const stored = sales.filter(({ isCancelled }) => !isCancelled)
  const sum = stored.reduce((all, { total, refunded, isRefund }) => all + (isRefund ? -total : total) - refunded, 0)
  const partly = stored.filter(({ refunded }) => refunded > 0).length
  // A row of totals has its word where there is text, and the sum of all rows as they stand.
  const shown = sales.reduce(
    (all, sale) => all + (sale.isRefund && (has.sign || !has.kind) ? -sale.total : sale.total),
    0,
  )
  const totalAt = order.findIndex(({ header }) => language.total.includes(header))
  const wordAt = order.findIndex((_, at) => at !== totalAt)
  const totals = order.map((_, at) => (at === totalAt ? money(shown) : at === wordAt ? pick(language.totals) : ''))
  return {
    table: {
      ...{ above: [], header: order.map(({ header }) => header), rows },
      below: style.totals && length > 1 ? [totals] : [],
    },
    right: {
      ...{ count: stored.length + partly, sums: { [currency]: sum } },
      sales: has.otherDate ? [] : stored.map((sale) => ({ occurredAt: iso(sale).replace('.000', '') })),
      refunds: stored.filter(({ isRefund }) => isRefund).length + partly,
    },
  }
}

/** Lines of orders: what a line costs, and what the order costs on each of its lines. */
export function generateLines(seed: number, language: Language, currency: string): Generated {
  const random = createRandom(seed)
  for (let n = 0; n < 5; n += 1) random()
  const pick: Pick = (items) => {
    const item = items[Math.floor(random() * items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  const is = (share: number) => random() < share
  const isRu = language === LANGUAGES.ru
  const names = isRu
    ? { item: 'Товар', price: 'Цена', quantity: 'Количество', line: 'Сумма', order: 'Сумма заказа', sku: 'Артикул' }
    : { item: 'Item', price: 'Price', quantity: 'Quantity', line: 'Line total', order: 'Order total', sku: 'SKU' }
  const orders = Array.from({ length: 2 + Math.floor(random() * 4) }, (_, n) => ({
    ...{ n, at: new Date(Date.UTC(2024, 2, 13 + n, 9, 14, 7)).toISOString() },
    lines: Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
      ...{
        price: 100 + Math.floor(random() * 50_000),
        quantity: 1 + Math.floor(random() * 3),
        item: pick(['A', 'B', 'C']),
      },
    })),
  }))
  const totalOf = (order: (typeof orders)[number]) =>
    order.lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
  const [hasPrice, hasLine] = [is(0.7), is(0.6)]
  const hasOrder = is(0.4) || (!hasPrice && !hasLine)
  type Line = (typeof orders)[number]['lines'][number]
  const columns: readonly { header: string; cell: (order: (typeof orders)[number], line: Line) => string }[] = [
    { header: pick(is(0.5) ? language.id : language.receipt), cell: ({ n }) => String(2001 + n) },
    { header: pick(language.date), cell: ({ at }) => `${language.day(at)} ${at.slice(11, 19)}` },
    { header: names.item, cell: (_, { item }) => item },
    ...(is(0.3) ? [{ header: names.sku, cell: (_: unknown, { item }: Line) => `S-${item}` }] : []),
    ...(hasPrice ? [{ header: names.price, cell: (_: unknown, { price }: Line) => language.money(price) }] : []),
    ...(hasPrice || is(0.5)
      ? [{ header: names.quantity, cell: (_: unknown, line: Line) => String(line.quantity) }]
      : []),
    ...(hasLine
      ? [{ header: names.line, cell: (_: unknown, { price, quantity }: Line) => language.money(price * quantity) }]
      : []),
    ...(hasOrder
      ? [{ header: names.order, cell: (order: (typeof orders)[number]) => language.money(totalOf(order)) }]
      : []),
  ]
  const order = columns
    .map((one) => ({ one, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ one }) => one)
  const rows = orders.flatMap((one) => one.lines.map((line): Cells => order.map(({ cell }) => cell(one, line))))
  return {
    table: { above: [], header: order.map(({ header }) => header), rows, below: [] },
    right: {
      ...{ count: orders.length, sums: { [currency]: orders.reduce((sum, one) => sum + totalOf(one), 0) } },
      ...{ refunds: 0, sales: [] },
    },
  }
}
