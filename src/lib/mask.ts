// Masks vendor records that could not be mapped. They are kept for the operator: enough to find them in the CRM and to
// see which field is odd, without personal data. Whatever is not known to be harmless, by its key and its form, is
// hidden, since customers name fields as they like.

/** Everything under such a key, at any depth, is personal; ids in it are not. */
const PERSONAL_KEY =
  /name|fio|phone|tel|mail|card|address|birth|born|dob|bday|comment|note|passport|custom_?field|login|client|customer|guest|patient|contact|staff|master|doctor|employee|courier|waiter|user|имя|фамилия|отчество|фио|телефон|почта|адрес|карт|рожд|комментарий|паспорт|инн$|снилс|клиент|гост|пациент|контакт|контрагент|покупател|получател|ответственн|сотрудник|физ_?лиц|представление/i
const ID_KEY =
  /(?:^|[_.])(?:ids?|key|guid|uuid|code)$|[a-zа-я](?:Ids?|Key|Guid|Uuid)$|(?:number|revision)$|^(?:[Нн]омер|Number)$/
const TIME_KEY =
  /date|time|(?:^|_)(?:at|from|to|day|begin|end|created|updated|closed|changed)(?:_|$)|[a-z](?:At|Day)$|^when|^(?:complete|period)|дата|время|период/i
const SUM_KEY =
  /sum|amount|cost|price|total|paid|pay(?:ment)?s?$|debt|discount|bonus|quantity|count|rate|percent|value|сумма|цена|стоимость|оплат|скидк|количество|процент/i
/** The names of things of which a CRM has a short list. */
const WORD_KEY =
  /(?:^|[_.a-zа-я])(?:status(?:_?code)?|state|type|kind|event|mode|method|currency|resource|entity|storned|deleted(?:withwriteoff)?)$|^(?:статус|вид|тип)/i
const WORDS = /^(?:[A-Za-z]{1,20}\.)?[\p{L}_]{1,60}$/u
const STATUS_KEY = /status$|^статус/i
const STATUS = /^[\p{L}_]{1,30}(?: \p{L}{1,30}){0,2}$/u
const TIME =
  /^\d{4}-\d\d-\d\d(?:[T ][\d:.]{4,15} ?(?:Z|[+-]\d\d:?\d\d)?)?$|^\d\d\.\d\d\.\d{4}(?: \d\d:\d\d(?::\d\d)?)?$|^\d\d:\d\d(?::\d\d)?$/
const DECIMAL = /^-?\d{1,12}(?:[.,]\d{1,6})?$/
const GROUPED = /^-?\d{1,3}(?:[ \u00A0]\d{3}){0,3}(?:[.,]\d{1,6})?$/
/** In seconds or milliseconds, from 2001 to 2033. */
const UNIX_TIME = /^1\d{9}(?:\d{3})?$/
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
/** At most four letters and a digit: invoices and receipts have such numbers, people do not. */
const NUMBERED = /^\p{L}{0,4}[\d/_-]{1,20}$/u
/** A phone number, also without its country. */
const PHONE = /^\D?(?:[78]\d{10}|9\d{9}|[1-9]\d{10,14})$/
/** A name of a field, not a text that somebody keeps as one. */
const FIELD = /^[\p{L}\d_$.@:-]{1,100}$/u
const FIELD_WITH_DATA = /@[^.]{1,100}\.|\d{7}/
/** Under a key that says nothing. More may be a phone number within a town. */
const NUMBER_MAX = 1_000_000

/** Longer texts are no ids, sums, times and words. No pattern meets a longer one. */
const TEXT_MAX = 100
const DEPTH_MAX = 6
const ENTRIES_MAX = 50
/** Of a whole record, whatever its shape is. */
const VALUES_MAX = 1000
const HIDDEN = '***'

/** A copy with everything hidden that may be personal, bounded in depth and size. */
export function maskPersonal(value: unknown): unknown {
  return mask(value, { key: '', isPersonal: false, depth: 0, left: { values: VALUES_MAX } })
}

/** Whether all values under it are personal. */
export function isPersonalKey(key: string): boolean {
  return key.length > TEXT_MAX || PERSONAL_KEY.test(key)
}

interface Around {
  /** Of the value, or of the list that it is in. */
  readonly key: string
  readonly isPersonal: boolean
  readonly depth: number
  /** Shared by the whole record. */
  readonly left: { values: number }
}

function mask(value: unknown, around: Around): unknown {
  around.left.values -= 1
  if (around.left.values < 0) return '…'
  if (typeof value === 'string') return value === '' || isHarmless(value, around) ? value : HIDDEN
  if (typeof value === 'number') return isHarmless(String(value), around) ? value : HIDDEN
  if (typeof value !== 'object' || value === null) return value
  if (around.depth >= DEPTH_MAX) return '…'
  const inside = { ...around, depth: around.depth + 1 }
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((entry) => mask(entry, inside))
  const entries = Object.entries(value).slice(0, ENTRIES_MAX)
  return Object.fromEntries(entries.map(([key, entry], index) => maskEntry(key, entry, index, inside)))
}

function maskEntry(key: string, value: unknown, index: number, around: Around): [string, unknown] {
  const isField = key.length <= TEXT_MAX && FIELD.test(key) && !FIELD_WITH_DATA.test(key)
  if (!isField) return [`${HIDDEN}${index}`, mask(value, { ...around, key: '', isPersonal: true })]
  return [key, mask(value, { ...around, key, isPersonal: around.isPersonal || PERSONAL_KEY.test(key) })]
}

function isHarmless(text: string, { key, isPersonal }: Around): boolean {
  if (text.length > TEXT_MAX) return false
  if (GUID.test(text)) return true
  if (!isPersonal && TIME_KEY.test(key) && (TIME.test(text) || UNIX_TIME.test(text))) return true
  if (PHONE.test(text)) return false
  if (ID_KEY.test(key)) return NUMBERED.test(text)
  if (isPersonal) return false
  if (WORD_KEY.test(key) && WORDS.test(text)) return true
  if (STATUS_KEY.test(key) && STATUS.test(text)) return true
  if (SUM_KEY.test(key)) return DECIMAL.test(text) || GROUPED.test(text)
  return DECIMAL.test(text) && Math.abs(Number.parseFloat(text)) < NUMBER_MAX
}
