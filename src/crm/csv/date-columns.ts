// Which columns say when a sale was: when it was paid rather than when it was made out.
import { askHeader } from '#crm/csv/doubts.ts'
import { isEqual } from '#crm/csv/facts.ts'
import { candidatesFor, type Column, type Fields, type Search } from '#crm/csv/search.ts'

/** Of equally certain headers, from the likeliest on. */
const PREFERRED: readonly RegExp[] = [
  /paid|оплат|оплач|платеж|сплат|payment/,
  /sale|sold|продаж|чек|receipt|операц|transaction|расчет|purchase/,
  /complet|closed|заверш|закры/,
  /^(?:дата|date|time ?stamp)/,
  /creat|созда|оформл|order|заказ/,
]
/** Differences below this are not decisive. */
const NEAR = 0.02

export function findDates(
  search: Search,
  named: Fields,
): { readonly date: Column | null; readonly time: Column | null } {
  const date = named.date ?? findDate(search)
  const taken = new Set([...search.taken, ...(date?.at ?? [])])
  const [time] = candidatesFor({ ...search, taken }, 'time')
  return { date, time: time ? { at: [time.at], confidence: time.score } : null }
}

function findDate(search: Search): Column | null {
  const rank = (name: string) => {
    const index = PREFERRED.findIndex((words) => words.test(name))
    return index < 0 ? PREFERRED.length : index
  }
  const all = candidatesFor(search, 'date')
  const near = all.filter(({ score }) => score > (all[0]?.score ?? 0) - NEAR)
  const sorted = near.toSorted((a, b) => rank(a.name) - rank(b.name))
  const [first] = sorted
  if (!first) return null
  const rivals = sorted.filter(
    (one) => rank(one.name) === rank(first.name) && (one === first || !isEqual(one.facts, first.facts)),
  )
  const chosen =
    rivals.length > 1
      ? askHeader(search.asking, 'date_rivals', [first.header, ...rivals.slice(1).map(({ header }) => header)])
      : first.header
  const best = rivals.find(({ header }) => header === chosen) ?? first
  const other = [...sorted, ...all].find(
    (one) =>
      one !== best &&
      one.facts.dates() > 0.5 &&
      one.facts.cells.some((cell, row) => cell !== '' && best.facts.cells[row] === ''),
  )
  return { at: other ? [best.at, other.at] : [best.at], confidence: best.score }
}
