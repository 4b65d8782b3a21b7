// What the title above a table says its rows are, where no column does: a list of refunds or of cancelled orders looks
// like one of sales.
import type { Deciding } from '#crm/csv/deciding.ts'
import { optionOf } from '#crm/csv/doubts.ts'
import type { Plan } from '#crm/csv/plan.ts'

const OF_REFUNDS =
  /(?<!\p{L})(?:возврат|сторно|повернен|қайтар|refund|returns?(?!\p{L})|retour|storno|rückgabe|devoluc|rembours)/iu
const OF_OTHERS =
  /(?<!\p{L})(?:отмен[её]н|отмены|аннулир|неоплач|не ?оплач|расход|выплат|инкасс|изъят|cancell?ed|cancellations?|voided|unpaid|expenses?|payouts?|chargebacks?)/iu
/** A report of both, or one that leaves the others out. */
const OF_SALES =
  /(?<!\p{L})(?:продаж|приход|выруч|реализац|sales?(?!\p{L})|revenue|umsatz|verk[aä]uf|venta|vente|без|за вычетом|кроме|excluding|without|net of|после)/iu
/** A longer text explains something. */
const TITLE_LENGTH_MAX = 80

export function decideFileKind({ table, columns, asking }: Deciding): Plan['fileKind'] {
  if (columns.kind) return null
  const titles = table.preamble.filter((text) => text.length <= TITLE_LENGTH_MAX && !/:\s*\S/.test(text))
  if (titles.some((title) => OF_SALES.test(title))) return null
  const ofRefunds = titles.find((title) => OF_REFUNDS.test(title))
  const title = ofRefunds ?? (columns.status ? undefined : titles.find((text) => OF_OTHERS.test(text)))
  if (title === undefined) return null
  const [first, second] = ofRefunds === undefined ? (['ignore', 'refund'] as const) : (['refund', 'ignore'] as const)
  const answer = asking.ask({
    ...{ code: 'file_kind', subject: ofRefunds === undefined ? 'others' : 'refunds', columns: [], params: { title } },
    options: [optionOf(first), optionOf(second), optionOf('sale')],
  })
  return answer === 'refund' || answer === 'ignore' ? answer : null
}
