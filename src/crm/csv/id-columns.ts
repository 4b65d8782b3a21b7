// Which columns tell sales apart.
import { ORDER_NUMBER } from '#crm/csv/column-fits.ts'
import { askHeader } from '#crm/csv/doubts.ts'
import { isEqual } from '#crm/csv/facts.ts'
import { candidatesFor, type Column, type Fields, type Search } from '#crm/csv/search.ts'
import { FISCAL } from '#crm/csv/words.ts'

/** Of equally certain headers, from the likeliest on: what is never used again comes before what may be. */
const PREFERRED: readonly RegExp[] = [
  /транзакц|transaction/,
  /payment|платеж|операц|operation/,
  /чек|receipt|ticket/,
  /продаж|sale/,
  /заказ|order/,
  /документ|invoice/,
]
const NEAR = 0.02

export function findIds(search: Search): Column | null {
  const fiscal = FISCAL.map((words) => search.names.findIndex((name, at) => words.test(name) && isFilled(search, at)))
  if (!fiscal.includes(-1)) return { at: fiscal, confidence: 0.95 }
  const all = candidatesFor(search, 'id')
  const [top] = all
  const order = orderName(search)
  if (order && (!top || filledIn(search, order.at[0]) > top.facts.filled.length)) return order
  if (!top) return null
  const rank = (name: string) => {
    const index = PREFERRED.findIndex((words) => words.test(name))
    return index < 0 ? PREFERRED.length : index
  }
  const near = all
    .filter(({ score }) => score > top.score - NEAR)
    .toSorted((a, b) => rank(a.name) - rank(b.name) || b.facts.distinct() - a.facts.distinct())
  const [best = top] = near
  const rivals = near.filter(
    (one) =>
      rank(one.name) === rank(best.name) &&
      one.facts.distinct() === best.facts.distinct() &&
      (one === best || !isEqual(one.facts, best.facts)),
  )
  if (rivals.length < 2) return { at: [best.at], confidence: best.score }
  const headers = rivals.flatMap((one) => (one === best ? [] : [one.header]))
  const chosen = askHeader(search.asking, 'id_rivals', [best.header, ...headers])
  return { at: [(rivals.find(({ header }) => header === chosen) ?? best).at], confidence: best.score }
}

/** Whether a number comes again in another shop. */
export function isOfShops({ facts }: Search, { id, location }: Fields): boolean {
  const textsOf = (column: Column | undefined, row: number) =>
    (column?.at ?? []).map((at) => facts[at]?.cells[row] ?? '').join(' ')
  const shops = new Map<string, string>()
  return (facts[0]?.cells ?? []).some((_, row) => {
    const [number, shop] = [textsOf(id, row), textsOf(location, row)]
    if (number.trim() === '' || shop === '') return false
    const other = shops.get(number)
    shops.set(number, other ?? shop)
    return other !== undefined && other !== shop
  })
}

function filledIn({ facts }: Search, at = -1): number {
  return facts[at]?.filled.length ?? 0
}

function isFilled({ facts, taken }: Search, at: number): boolean {
  return !taken.has(at) && (facts[at]?.filled.length ?? 0) > 0
}

/** Shopify calls the number of an order its name: `#1001`. */
function orderName({ names, facts, taken }: Search): Column | null {
  const at = names.findIndex(
    (name, column) =>
      /^(?:name|имя|order|заказ)$/.test(name) &&
      !taken.has(column) &&
      (facts[column]?.share((cell) => ORDER_NUMBER.test(cell)) ?? 0) > 0.5,
  )
  return at < 0 ? null : { at: [at], confidence: 0.9 }
}
