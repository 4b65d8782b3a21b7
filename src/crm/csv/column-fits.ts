// Whether the cells of a column fit a field, from 0 to 1. A certain header wins even over cells that do not fit: each
// row is then rejected with its reason. What the cells plainly are not, the column is not.
import type { ColumnFacts } from '#crm/csv/facts.ts'
import type { Settings } from '#crm/csv/settings.ts'
import type { Field } from '#crm/csv/words.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { normalizePhone } from '#lib/phone.ts'

/** What tills write in the place of a name. */
const TYPE_OF_GUEST =
  /^(?:members?|guests?|non.?members?|walk.?in|regular|new|returning|vip|retail|wholesale|anonymous|none|гость|гости|новый|постоянный|розничн\S*(?: покупатель)?|оптов\S*|физ\S* ?лиц\S*|юр\S* ?лиц\S*|частное лицо|покупатель|клиент)$/i
export const ORDER_NUMBER = /^#\s?[A-Z-]{0,9}\d+$/i
const SUM = /^[-+]?\s?[$€£₽₸]|[$€£₽₸]$|[.,]\d\d$/
const UNIT_SUFFIX = /^\D*$/

export function contentScore(field: Field, facts: ColumnFacts, settings: Settings): number {
  const { share } = facts
  const trust = (part: number) => 0.5 + part / 2
  const most = (part: number) => (part > 0.5 ? 0 : 1)
  if (facts.filled.length === 0) return 0
  switch (field) {
    case 'date':
      return trust(facts.dates())
    case 'time':
      return facts.times() < 0.5 && facts.dates() > 0.5 ? 0 : trust(facts.times())
    case 'phone':
      return trust(share((cell) => normalizePhone(cell, callingCodeOf(settings)) !== null))
    case 'name':
      return most(share((cell) => TYPE_OF_GUEST.test(cell) || ORDER_NUMBER.test(cell) || !/\p{L}/u.test(cell)))
    case 'card':
      return most(share((cell) => SUM.test(cell) || UNIT_SUFFIX.test(cell)))
    case 'id':
      return most(share((cell) => SUM.test(cell)) || (facts.dates() === 1 && facts.distinct() < 1 ? 1 : 0))
    case 'email':
      return trust(share((cell) => cell.includes('@')))
    default:
      return 1
  }
}
