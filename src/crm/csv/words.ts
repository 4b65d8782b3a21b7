// The words of headers and cells in exports of tills, 1C, operators of fiscal data and banks. Headers are compared
// after `normalizeHeader`: lower case, words and spaces only, `номер` for `№`.
import { MATCHED_MAX } from '#crm/csv/cells.ts'

export const FIELDS = [
  ...(['id', 'date', 'time', 'amount', 'currency', 'kind', 'status'] as const),
  ...(['name', 'phone', 'email', 'card', 'comment'] as const),
  ...(['quantity', 'debit', 'refunded', 'zone', 'till', 'location'] as const),
] as const
export type Field = (typeof FIELDS)[number]

interface HeaderRule {
  /** Patterns from certain to possible. */
  readonly is: readonly RegExp[]
  readonly isNot?: RegExp
}

const SELLER = /организац|кассир|продав|магазин|компани|поставщ|точк|отправител/

const HEADERS: Readonly<Record<Field, HeaderRule>> = {
  id: {
    is: [
      /^(?:id|guid|uuid|ид|external ?id)$/,
      /^(?:id|guid|код|номер) .*(?:транзакц|операц|заказ|продаж)|^(?:transaction|order|sale|payment) (?:id|no|number)$/,
      /^(?:(?:номер|id) .*чек.*|чек(?: номер)?|receipt(?: id| no| number)?|check number)$/,
      /^(?:номер документа|(?:номер )?фд|фд номер|фпд|заказ|order|invoice(?: no| number)?|ref(?:erence)?|rrn)$/,
      /^(?:номер|код)$/,
    ],
    isNot: /касс(?!ов)|клиент|карт|телефон|счет/,
  },
  date: {
    is: [
      /^дата(?: и)? время|^date(?: and)? ?time$|^timestamp$|^(?:created|paid|occurred) ?at$/,
      /^дата (?:чека|продажи|операции|оплаты|платежа)$|^(?:transaction|sale|order|payment) date$/,
      /^(?:дата|date)$/,
      /^(?:дата (?:документа|заказа|визита|учета|создания.*|регистрации|печати фд)|период|день)$/,
      /дат|date/,
    ],
    isNot: /рожд|birth|измен|обнов|updat|регистрации ккт|срок/,
  },
  time: { is: [/^(?:время|time)$/, /^время (?:чека|продажи|операции|оплаты|печати фд)$/] },
  amount: {
    is: [
      /^(?:(?:сумма |итого )?к оплате|сумма (?:со скидкой|с учетом скид.*)|оплачено|(?:amount )?paid)$/,
      /^(?:сумма (?:оплаты|платежа|продажи|операции|транзакции)|amount|total amount)$/,
      /^(?:сумма (?:по )?чек[ау]|итого? (?:по )?чек[ау]|сумма (?:заказа|документа))$/,
      /^(?:сумма|total|sum|gross)$/,
      /^(?:итого|всего|выручка|стоимость|price)$/,
      /сумм|итог|amount|total/,
    ],
    isNot: /налог|ндс|(?<!со |учетом )скид|tax|vat|discount|бонус|балл|чаев|\btip|комисс|возвр|себест|колич|qty/,
  },
  currency: { is: [/^(?:код )?валют|^currency$/] },
  kind: {
    is: [
      /^(?:признак расчета|(?:тип|вид) (?:операции|чека|документа)|kind|operation(?: type)?)$/,
      /^(?:тип|вид|type|возврат|refund)$/,
    ],
  },
  status: { is: [/^(?:статус|состояние|status|state)(?: |$)|^(?:payment|order) status$/] },
  name: {
    is: [
      /^(?:клиент|покупатель|(?:фио|имя|наименование) (?:клиента|покупателя)|(?:customer|client)(?: name)?)$/,
      /^(?:фио|имя|гость|контрагент|плательщик|заказчик|(?:full )?name|payer|guest)$/,
      /клиент|покупател|customer|client/,
    ],
    isNot: /\bid\b|код|номер|тел(?:еф|$| )|phone|mail|почт|карт|card|дат|date|адрес|инн|групп|тип|балан/,
  },
  phone: {
    is: [
      /(?:телефон|phone|моб).*(?:клиент|покупат)|^(?:customer|client) phone$/,
      /^(?:(?:номер |моб(?:ильный)? |контактный )?тел(?:ефон)?а?|phone(?: number)?|mobile|tel|мобильный)$/,
      /^контакт$|телефон|phone/,
    ],
    isNot: SELLER,
  },
  email: { is: [/^e ?mail|^(?:эл(?:ектронная)? )?почта$|^mail$/, /e ?mail|электронн.* почт/], isNot: SELLER },
  card: {
    is: [
      /карт.*(?:лояльн|клиент)|(?:бонус|дисконт|скид).*карт|карт.*(?:бонус|дисконт|скид)|(?:loyalty|customer|member).*card/,
      /^(?:(?:номер |(?:штрих)?код )?карт[аы]|card(?: number| no)?)$/,
    ],
    isNot: /тип|вид|балан|оплат/,
  },
  comment: {
    is: [/^(?:комментарий|примечание|описание|назначение.*|категория|comment|notes?|description|details|memo)$/],
  },
  quantity: { is: [/^(?:количество|кол во|qty|quantity)$/] },
  debit: { is: [] },
  refunded: { is: [] },
  zone: { is: [/^(?:time ?zone|часовой пояс|timezone name)$/] },
  till: { is: [/^(?:номер )?касс[аы]$|^терминал$|^(?:till|register|terminal|pos)(?: id| no| number)?$/] },
  location: { is: [/^(?:магазин|точка|торговая точка|филиал|салон|location|store|shop)(?: name)?$/] },
}

/** How likely a header names a field, from 0 to 1. */
export function headerScore(name: string, field: Field): number {
  const { is, isNot } = HEADERS[field]
  const rank = isNot?.test(name) === true ? -1 : is.findIndex((pattern) => pattern.test(name))
  return rank < 0 ? 0 : 0.98 - rank * 0.08
}

/** The numbers of the fiscal drive and of its document; together they identify one receipt. */
export const FISCAL = [
  /^(?:(?:заводской )?номер )?фн$|^фн номер$|^(?:номер )?фискальн\S+ накопител|^fn$|^fiscal drive/,
  /^(?:номер )?фд$|^фд номер$|^(?:номер )?фискальн\S+ документ|^fd$|^fiscal document/,
] as const

/** Columns that are parts of a receipt's sum, for files without a column for all of it. */
export const TENDERS =
  /^(?:сумма |оплата )?(?:по чеку )?(?:наличн\S+|нал|безнал\S*|электронными|картой)$|^(?:cash|аванс(?:ом)?|(?:в )?кредит|встречным.*|обмен)$/

/** Sums of a whole receipt, which an export by lines repeats in each line. */
export const WHOLE_SUMS = /^(?:сумма|итого?) (?:по )?(?:чек[ау]|заказа|документа)$/

/** A file with one of these columns has lines of receipts, not receipts. */
export const LINES =
  /^(?:наименование(?: товара| позиции)?|товар|номенклатура|позиция|количество|кол во|артикул|item|product(?: name)?|sku|qty|quantity)$/

/** Numbers that begin again every shift. Without its fiscal drive, a document number may belong to another till. */
export const DAILY = /чек|receipt|check|^(?:номер )?фд$|^фд номер$/

/** Ids that are never reused. Orders and documents may have several rows, or begin again every year. */
export const SURE_ID = /^(?:id|guid|uuid|ид|external ?id)$|транзакц|операц|transaction|payment/

const UNIT = /,\s*(?:руб(?:лей|ли)?|р|коп|₽|rub|rur|usd|eur|kzt|тг|₸|\$|€|шт|тыс)\.?\s*(?:руб)?\.?$/

/** A lone `№` heads the numbers of the rows, which are not ids. */
export function normalizeHeader(text: string): string {
  const header = text.slice(0, MATCHED_MAX)
  return (/^\s*[№#]\s*$/.test(header) ? 'номер п п' : header)
    .replaceAll('№', ' номер ')
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replaceAll(/\([^)]*\)|\[[^\]]*\]/g, ' ')
    .trim()
    .replace(UNIT, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

export const MEANINGS = ['sale', 'refund', 'ignore', 'paid', 'unpaid', 'cancelled'] as const
export type Meaning = (typeof MEANINGS)[number]
type Rule = readonly [pattern: RegExp, meaning: Meaning]

const KINDS: readonly Rule[] = [
  [/отмен|аннул|отклон|неусп|cancel|void|declin|fail/, 'cancelled'],
  [/возврат\S* расход/, 'ignore'],
  // `да` appears in columns with the header “refund”.
  [/возврат|refund|return|chargeback|сторно|^(?:да|yes|true)$/, 'refund'],
  [/коррекц|correction|внесени|изъяти|инкассац|выплат|расход|payout|expense|отчет|смен[аы]/, 'ignore'],
  [
    /приход|продаж|реализац|оплата|покупка|поступлени|^(?:кассовый )?чек$|^заказ$|\bsales?\b|payment|purchase|income|\border\b|^(?:нет|no|false)$/,
    'sale',
  ],
]
const STATUSES: readonly Rule[] = [
  [
    /^(?:не|not) |^не(?:под|за|пров|вып|исп)|^(?:un|in)(?:succ|compl|conf|settl|appr)|не ?оплач|unpaid|ожида|обработк|черновик|pending|awaiting|processing|draft|^нов(?:ый|ая|ое)$|^new$|в работе|частичн|partial|\bhold\b/,
    'unpaid',
  ],
  [
    /отмен|аннул|отклон|отказ|неусп|ошибк|удален|возвращ|cancel|void|declin|fail|error|reject|delet|refunded|reversed/,
    'cancelled',
  ],
  [
    /оплач|успе|выполн|проведен|закры|заверш|исполн|подтвержд|пробит|paid|success|complet|closed|approved|done|settled|captured|^ok$|^ок$/,
    'paid',
  ],
]

const plain = (word: string) => word.trim().toLowerCase().replaceAll('ё', 'е')

/** The meaning of a cell in a column for kinds or statuses; null for unknown words and for numbers. */
export function meaningOf(
  cell: string,
  column: 'kind' | 'status',
  own: Partial<Readonly<Record<Meaning, readonly string[] | undefined>>>,
): Meaning | null {
  if (cell.length > MATCHED_MAX) return null
  const word = plain(cell)
  for (const meaning of MEANINGS) if (own[meaning]?.some((one) => plain(one) === word)) return meaning
  const rules = column === 'kind' ? [...KINDS, ...STATUSES] : [...STATUSES, ...KINDS]
  return rules.find(([pattern]) => pattern.test(word))?.[1] ?? null
}

const TOTALS = /^(?:итог|итого|всего|total|grand total)(?:\P{L}|$)/iu

export function isTotals(cell: string): boolean {
  return cell.length <= MATCHED_MAX && TOTALS.test(cell)
}
