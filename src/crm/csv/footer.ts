// Lines of a printed report that are no rows: titles of sections, signatures, dates of printing.

const WORDS =
  /^(?:кассир|бухгалтер|главн|директор|руководител|исполнител|ответственн|подпис|м\.? ?п\.|дата (?:печати|формирования|выгрузки|отчета|отчёта)|(?:отч[её]т )?(?:сформирован|составлен|распечатан|напечатан|выгружен|создан)|страниц|стр\.|лист \d|конец|printed|generated|exported|prepared|report (?:date|generated|created)|signature|page \d|end of)/i
/** Words, perhaps with a number behind them: `Касса 2`. */
const TITLE = /^\D*(?:(?<=\p{L} ?[№#]? ?)\d{1,4})?$/u
const LENGTH_MAX = 200

/** Of a row without a date or without a sum, cleaned: whether it is none of the table. */
export function isFooter(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell !== '')
  const [text = ''] = filled
  if (filled.length > 2 || text.length > LENGTH_MAX) return false
  return WORDS.test(text) || (filled.length === 1 && text === cells[0] && TITLE.test(text))
}
