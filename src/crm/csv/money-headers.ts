// What a column of money holds, by its header: the whole of what was paid, a part of it, or something else.
import { MATCHED_MAX } from '#crm/csv/cells.ts'
import { normalizeHeader } from '#crm/csv/words.ts'

/**
 * `paid`: what was due or paid for the whole; `total`: a sum of the whole; `plain`: a sum; `net`: after what was taken
 * off, without what came on top; `subtotal`: before that; `line`: of one line; `price`: of one piece; `weak`: may be a
 * sum where nothing else is; `in` and `out`: money that came and went; `change`: what was handed back of cash; the
 * others are parts of a sum or no sums of sales.
 */
export type MoneyClass = WholeClass | AdjusterClass | 'tender' | 'change' | 'refunded' | 'in' | 'out' | 'other'
export type WholeClass = 'paid' | 'total' | 'plain' | 'net' | 'subtotal' | 'line' | 'price' | 'weak'
/** What stands between a sum before and a sum after. */
export type AdjusterClass = 'discount' | 'void' | 'tax' | 'shipping' | 'tip' | 'fee'

/** Tags of fiscal documents (FFD 1.2): 1020 the sum, 1031 and others its means of payment, 1043 and 1079 of a line. */
const TAGS: Readonly<Record<string, MoneyClass>> = {
  ...({ 1020: 'total', 1031: 'tender', 1081: 'tender', 1215: 'tender', 1216: 'tender', 1217: 'tender' } as const),
  ...({ 1043: 'line', 1079: 'price', 1102: 'tax', 1103: 'tax', 1104: 'tax', 1105: 'tax', 1106: 'tax' } as const),
}

const TAX = String.raw`ндс|налог\p{L}*|пдв|tax(?:es)?|vat|mwst|ust|iva|gst|hst|tva`
const DISCOUNT = 'скидк\\p{L}*|знижк\\p{L}*|discounts?|\\bcomps?\\b|rabatt|descuento|remise'
const WITH = new RegExp(
  `(?:со?|з|зі|включая|вкл|в ?т ?ч|с учетом|incl\\p{L}*|with|inkl|con) (?:${TAX})|\\bttc\\b|brutto`,
  'u',
)
const WITHOUT = new RegExp(
  `(?:без|до|ex(?:cl\\p{L}*)?|without|before|ohne|sin|не включая) (?:учета )?(?:${TAX}|${DISCOUNT})|\\bht\\b|\\bnetto\\b`,
  'u',
)
const AFTER = new RegExp(`(?:со|с учетом|после|after|less|net of|mit|зі) (?:\\p{L}+ )?(?:${DISCOUNT})`, 'u')

/** The first that fits counts. */
const RULES: readonly (readonly [RegExp, MoneyClass])[] = [
  [/(?:^| )кол во(?: |$)|колич|\bqty\b|quantity/, 'other'],
  [/средн|\baverage\b|\bavg\b|процент|percent/, 'other'],
  [
    /^(?:(?:сумма )?(?:отмен(?:ы|ено)?|аннул\p{L}*|отмененн\p{L}*)|voids?|void(?:ed)?(?: (?:amount|sales|sum|total))|(?:amount|total) voided|cancel+ations?|cancel+ed amount)$/u,
    'void',
  ],
  [/refund(?:ed)?|возвращен|возврат|повернен|returns?\b|returned|rembours|erstatt|reembols|storn[io]/, 'refunded'],
  [AFTER, 'paid'],
  [WITHOUT, 'subtotal'],
  [new RegExp(`^(?:в ?т ?ч|в том числе|у т ?ч|включая|incl\\p{L}*|inkl) (?:${TAX})`, 'u'), 'tax'],
  [WITH, 'total'],
  [new RegExp(`(?:^|\\P{L})(?:${TAX})(?:$|\\P{L})`, 'u'), 'tax'],
  [new RegExp(DISCOUNT, 'u'), 'discount'],
  [/(?:до|без) (?:учета |вычета )*комисси|before (?:\p{L}+ )?fees?/u, 'paid'],
  [
    /^(?:сдача|решта|қайтарым|change(?: given| due| amount)?|ruckgeld|wechselgeld|vuelto|cambio|monnaie(?: rendue)?|reszta)(?:$| )/,
    'change',
  ],
  [/комисси|коміс|\bfees?\b|commission|эквайринг/, 'fee'],
  [/чаев|\btips?\b|gratuity|trinkgeld/, 'tip'],
  [
    /себест|собіварт|прибут|залиш|kontostand|зарахув|виплат|закуп|\bcosts?\b|cogs|purchase price|прибыл|марж|profit|margin|остат|баланс|balance|\bsaldo\b|сальдо|бонус|балл|points|cashback|кешб|кэшб|долг|задолж|\bdebt\b|\bdue later\b|лимит|limit|курс|\brate\b|депозит|к выплате|к перечислению|payout|\bнетто\b|weight|\bвес\b|ставк/,
    'other',
  ],
  [/доставк|shipping|\bdelivery\b|freight|versand|envio|livraison/, 'shipping'],
  [
    /^сумма (?:по )?(?:дебету|дт|расхода|списани\p{L}*)$|^(?:debit|withdrawal) (?:amt|sum)$|^(?:paid out|money out|debit|debits|withdrawals?|outflow|расход|списани[ея]|дебет|расходы|outgoings?)(?: amount| sum)?$/u,
    'out',
  ],
  [
    /^сумма (?:по )?(?:кредиту|кт|прихода|зачислени\p{L}*|поступлени\p{L}*)$|^(?:credit|deposit) (?:amt|sum)$|^(?:paid in|money in|credit|credits|deposits?|inflow|приход|зачислени[ея]|кредит|поступлени[ея]|доходы?|incomings?)(?: amount| sum)?$/u,
    'in',
  ],
  [
    /налич|безнал|^нал$|картой|картою|по карт|банк\p{L}* карт|^карт[аы]$|электронн|предоплат|доплат|аванс|постоплат|в? ?кредит|встречн|\bсбп\b|сертификат|^обмен$|^cash$|^card$|(?:credit|debit|bank) cards?(?: |$)|\bcash (?:amount|payment|paid)|\bcard (?:amount|payment|paid)|amount (?:in )?(?:cash|by card)|gift card|vouchers?|готівк|карткою|bar(?:geld|zahlung)?$|efectivo|especes/u,
    'tender',
  ],
  [/sub ?total|под ?итог|промежут|gross sales|zwischensumme|sous total|list price|полная стоимость/, 'subtotal'],
  [
    /^(?:line ?items?|items?|product|line) (?:total|amount|sum|revenue)|(?:сумма|стоимость|итого) (?:по )?(?:позици|товар|строк|предмета)|^line total/,
    'line',
  ],
  [
    /(?:^| )цена(?!\p{L})|^price(?: each| per .*)?$|(?:unit|item|product|line ?item) price|price per|(?:^| )за (?:единицу|ед|шт)|^ціна|preis|precio|prix|einzelpreis/u,
    'price',
  ],
  [/\bnet (?:total|payout|amount)|^net$/, 'weak'],
  [
    /к оплате|оплачен|сумма оплаты|сумма платежа|оплата$|до сплати|сплачено|payment amount|amount (?:paid|due|charged)|(?:total|amount) collected|total paid|paid(?: amount)?$|grand total|total (?:to pay|due|charged)|order total|total (?:order )?(?:amount|price|sum|value|sales)|(?:общая|итоговая) (?:сумма|стоимость)|итог\p{L}* сумма|всего к|^total ttc|gesamt|endbetrag|загальна/u,
    'paid',
  ],
  [
    /сумм\p{L}* (?:по )?(?:чек|заказ|документ|расчет|фд|продаж|операц|транзакц|покупк|счет|платеж|визит)|итог|всего|[ув]сього|разом|^total|total$|стоимость (?:заказ|визит|покупк|продаж)|(?:order|transaction|sale|invoice|receipt|payment|check) (?:amount|sum|value|total)|importe total|montant total/u,
    'total',
  ],
  [/\bn(?:et)? (?:sales|revenue)|чистая (?:выручка|сумма)/, 'net'],
  [
    /^(?:сумма|amount|sum|gross|gross amount|сума|сомасы|importe|monto|importo|totale|betrag|summe|montant|castka|celkem|tutar|toplam|valor|kwota|выручка|виручка|revenue|sales|бюджет|budget|value|umsatz)(?:$| )/,
    'plain',
  ],
  [/сумм|amount/, 'plain'],
  [/стоимост|price|вартіст|turnover|оборот|выручк|продаж|\bsales?\b|бюджет/, 'weak'],
]

/** Null: the header says nothing of money. */
export function moneyClassOf(header: string): MoneyClass | null {
  const text = header.slice(0, MATCHED_MAX)
  const tag = /(?:^|\D)(1\d{3})(?:\D|$)/.exec(text)?.[1]
  const tagged = tag === undefined ? undefined : TAGS[tag]
  if (tagged !== undefined) return tagged
  const name = normalizeHeader(text)
  return RULES.find(([pattern]) => pattern.test(name))?.[1] ?? null
}
