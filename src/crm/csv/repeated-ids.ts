// Numbers that come several times with another time or sum: sales of several tills, or parts of one. Under a header
// that says that they are never used again, another time is news of the same sale, and another sum is asked about.
import type { Deciding } from '#crm/csv/deciding.ts'
import { type Option, optionOf } from '#crm/csv/doubts.ts'
import type { Plan } from '#crm/csv/plan.ts'

export interface Repeats {
  readonly idScope?: Plan['idScope']
  readonly rows?: Plan['rows']
}

export function decideRepeats({ table, settings, found, columns, words, asking }: Deciding): Repeats {
  const { id = [], date = [], time = [], till = [], amount = [] } = columns
  const isEachOnce = id.length === 1 && id.every((at) => found.facts[at]?.distinct() === 1)
  if (id.length === 0 || isEachOnce || found.rows !== 'sales' || settings.rows === 'sales') return {}
  const rows = new Map<string, { readonly at: string; readonly sums: string }>()
  let repeated: { readonly number: string; readonly isOtherTime: boolean } | null = null
  for (const { cells } of table.rows.slice(0, found.facts[0]?.cells.length ?? 0)) {
    const textOf = (columnsOf: readonly number[]) => columnsOf.map((column) => cells[column] ?? '').join(' ')
    const number = textOf([...till, ...id])
    const [day = '', ...clock] = textOf(date).split(/[ T]/)
    if (textOf(id).trim() === '' || day === '' || words.isRefund(cells)) continue
    const key = found.idScope === 'day' ? `${number}@${day}` : number
    const row = { at: [day, ...clock, textOf(time)].join(' '), sums: textOf(amount) }
    const other = rows.get(key)
    if (!other) rows.set(key, row)
    else if (other.sums !== row.sums || (!found.isIdSure && other.at !== row.at)) {
      repeated = { number, isOtherTime: other.at !== row.at }
      if (repeated.isOtherTime) break
    }
  }
  if (!repeated) return {}
  const headers = id.map((at) => table.headers[at] ?? '')
  const column = headers.join('», «')
  const last = optionOf(found.isIdSure ? 'latest' : 'leave_out')
  const options: readonly Option[] = [optionOf('other_till'), optionOf('one_receipt'), last]
  const [first = last, ...others] = repeated.isOtherTime ? options : options.slice(1)
  const answer = asking.ask({
    ...{ code: 'ids_repeat', subject: column, columns: headers, params: { column, example: repeated.number } },
    options: [first, ...others],
  })
  if (answer === 'one_receipt') return { rows: 'lines' }
  return answer === 'other_till' ? { idScope: found.idScope === 'global' ? 'day' : 'time' } : {}
}
