// Whether the cells of a column fit a field, from 0 to 1. A certain header wins even over cells that do not fit: each
// row is then rejected with its reason. What the cells plainly are not, the column is not.
import type { ColumnFacts } from '#crm/csv/facts.ts'
import type { Settings } from '#crm/csv/settings.ts'
import type { Field } from '#crm/csv/words.ts'
import { callingCodeOf } from '#lib/calling-code.ts'

/** What tills write in the place of a name. */
const TYPE_OF_GUEST =
  /^(?:members?|guests?|non.?members?|walk.?in|regular|new|returning|vip|retail|wholesale|anonymous|none|гость|гости|новый|постоянный|розничн\S{0,9}(?: покупатель)?|оптов\S{0,9}|физ\S{0,9} ?лиц\S{0,9}|юр\S{0,9} ?лиц\S{0,9}|частное лицо|покупатель|клиент)$/i
export const ORDER_NUMBER = /^#\s?[A-Z-]{0,9}\d+$/i
const SUM = /^[-+]?\s?[$€£₽₸]|[$€£₽₸]$|[.,]\d\d$/

/** What the cells of each field look like; of other fields any text may. */
const FITS: Partial<Readonly<Record<Field, (facts: ColumnFacts, settings: Settings) => number>>> = {
  date: (facts) => trust(facts.dates()),
  time: (facts) => (facts.times() < 0.5 && facts.dates() > 0.5 ? 0 : trust(facts.times())),
  phone: ({ phones }, settings) => trust(phones(callingCodeOf(settings))),
  name: ({ share }) =>
    unlessMost(share((cell) => TYPE_OF_GUEST.test(cell) || ORDER_NUMBER.test(cell) || !/\p{L}/u.test(cell))),
  card: ({ share }) => unlessMost(share((cell) => SUM.test(cell) || !/\d/.test(cell))),
  id: (facts) => (facts.dates() === 1 && facts.distinct() < 1 ? 0 : unlessMost(facts.share((cell) => SUM.test(cell)))),
  email: ({ share }) => trust(share((cell) => cell.includes('@'))),
}

const trust = (share: number) => 0.5 + share / 2
const unlessMost = (share: number) => (share > 0.5 ? 0 : 1)

/** Below all that is filled. */
const EMPTY = 0.46

export function contentScore(field: Field, facts: ColumnFacts, settings: Settings): number {
  if (facts.filled.length > 0) return FITS[field]?.(facts, settings) ?? 1
  // An empty column is nothing, unless there are no rows, or nothing else that each row has to have.
  return facts.cells.length === 0 ? 1 : field === 'date' ? EMPTY : 0
}
