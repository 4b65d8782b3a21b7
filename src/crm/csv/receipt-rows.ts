// Whether a row is a sale or a line of one, and whether the lines of a receipt add up or repeat its sum.
import type { Fields, Search, Traits } from '#crm/csv/search.ts'
import { optionOf } from '#crm/csv/doubts.ts'
import type { Plan } from '#crm/csv/plan.ts'
import type { Settings } from '#crm/csv/settings.ts'

/** Headers that say that the sum is the receipt's. */
const OF_RECEIPT = /к оплате|чек|заказ|документ|order|receipt|invoice|payment|оплачен|оплаты|платеж|до сплати/

type Receipts = readonly (readonly number[])[]

/** Rows with the same id, in the sample; null where each row is a sale. */
export function receiptsOf(
  { facts }: Search,
  { id, date }: Fields,
  { isFiscal, hasLines, settings }: Traits & { readonly settings: Settings },
): Receipts | null {
  const isByLines = settings.rows === 'lines' || (settings.rows === 'auto' && hasLines)
  if (settings.rows === 'sales' || !id || (!isFiscal && !isByLines)) return null
  const receipts = new Map<string, number[]>()
  const rows = facts[0]?.cells.length ?? 0
  const cellsOf = (at: number | undefined) => facts[at ?? -1]?.cells
  const ids = id.at.map(cellsOf)
  const dates = cellsOf(date?.at[0])
  let [above, day] = ['', '']
  for (let row = 0; row < rows; row += 1) {
    const own = ids.map((cells) => cells?.[row] ?? '').join(':')
    // A line below another one may leave out what they share.
    const number = own.replaceAll(':', '') === '' ? above : own
    const date = dates?.[row]?.split(/[ T]/)[0] ?? ''
    day = date === '' && number === above ? day : date
    above = number
    const key = `${number}@${day}`
    receipts.set(key, [...(receipts.get(key) ?? []), row])
  }
  return [...receipts.values()]
}

export function decideRows(
  { facts, headers, names, settings, asking }: Search,
  { amount }: Fields,
  receipts: Receipts | null,
  { hasLines }: Traits,
): Plan['rows'] {
  if (!receipts) return 'sales'
  if (settings.rows !== 'lines' && !hasLines) return 'distinct'
  const [at, ...others] = amount?.at ?? []
  const of = at === undefined ? undefined : facts[at]
  if (at === undefined || !of || others.length > 0) return 'lines'
  const sums = of.sums()
  const filledOf = (rows: readonly number[]) => rows.flatMap((row) => sums[row] ?? [])
  const several = receipts.map(filledOf).filter((found) => found.length > 1)
  const isOfReceipt = OF_RECEIPT.test(names[at] ?? '')
  // Only the first line of a receipt has its sum.
  const isOnFirst = several.length === 0 && receipts.some((rows) => rows.length > 1)
  if (several.length === 0) return isOfReceipt || isOnFirst ? 'whole' : 'lines'
  const areEqual = several.every((found) => new Set(found).size === 1)
  if (isOfReceipt && (areEqual || /чек|заказ|документ/.test(names[at] ?? ''))) return 'whole'
  if (!areEqual || settings.rows === 'lines') return 'lines'
  const column = headers[at] ?? ''
  const answer = asking.ask({
    ...{ code: 'receipt_sum_repeats', subject: column, columns: [column], params: { column } },
    options: [optionOf('once'), optionOf('add')],
  })
  return answer === 'add' ? 'lines' : 'whole'
}
