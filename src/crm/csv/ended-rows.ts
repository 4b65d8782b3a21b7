// A column with the date of a cancellation or a refund, filled in some rows only: these are no sales any more, though
// no word says so. Where a word does, nothing is asked.
import type { Deciding } from '#crm/csv/deciding.ts'
import { optionOf } from '#crm/csv/doubts.ts'
import type { Plan } from '#crm/csv/plan.ts'

const DATE = /дат|врем|date|time|(?:^| )(?:at|on)$|datum|fecha/
const END = /отмен|аннул|возвра|сторно|скасув|повернен|cancel|void|refund|return|storn|r(?:u|ue)ckgabe|devoluc|anula/
const DATES_SHARE_MIN = 0.5

/** The column whose rows with a date are cancelled, as was answered; null where there is none. */
export function decideEnded({ table, found, columns, words, asking }: Deciding): Plan['endedAt'] {
  const used = new Set(Object.values(columns).flat())
  const at = found.names.findIndex((name, column) => {
    const facts = found.facts[column]
    return !used.has(column) && DATE.test(name) && END.test(name) && (facts?.dates() ?? 0) > DATES_SHARE_MIN
  })
  if (at < 0 || table.isOwnExport) return null
  const ended = table.rows.find(({ cells }) => (cells[at] ?? '') !== '' && !words.saysEnd(cells))
  if (!ended) return null
  const column = table.headers[at] ?? ''
  const params = { column, line: String(ended.line), example: ended.cells[at] ?? '' }
  const options = [optionOf('cancelled'), optionOf('paid')] as const
  const answer = asking.ask({ code: 'ended_rows', subject: column, columns: [column], params, options: [...options] })
  return answer === 'cancelled' ? at : null
}
