// Masks vendor records that could not be mapped. They are kept for the operator: enough to find them in the CRM,
// without personal data.

/** Everything under such a key, at any depth, is personal. */
const PERSONAL_KEY =
  /name|surname|patronymic|fio|phone|tel|mail|card|address|birth|comment|note|passport|custom_?field|фио|телефон|имя|фамилия|отчество|почта|адрес|карт/i
/** A text under such a key is personal; an object under it has keys of its own. */
const PERSON_KEY =
  /client|customer|guest|patient|contact|клиент|гост|пациент|контакт|контрагент|покупател|представление/i
const ID_KEY = /(?:^|_)(?:[iI][dD]|[kK]ey|[gG]uid|[uU]uid)$|[a-z](?:Id|Key|Guid|Uuid)$/
const ID = /^(?:\d{1,9}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i
const PHONE = /\+?\d[\d\s()-]{8,40}\d/g
const PHONE_NUMBER = /^[78]9\d{9}$/
const MAIL = /[^\s@"'<>]{0,64}@[^\s@"'<>]{1,255}/g
const TIME = /^\d{4}-\d\d-\d\d(?:[T ][\d:.]+ ?(?:Z|[+-]\d\d:?\d\d)?)?$/
const DEPTH_MAX = 6
const ENTRIES_MAX = 50
const TEXT_MAX = 200
const KEY_MAX = 100
/** Of a whole record, whatever its shape is. */
const VALUES_MAX = 1000
/** Texts are masked before they are cut, or half a phone number could remain at the end. */
const READ_MAX = 1000
const HIDDEN = '***'

type Mode = 'open' | 'person' | 'hidden'

/** A copy with personal text replaced by `***`, bounded in depth and size. Ids, sums and times stay. */
export function maskPersonal(value: unknown): unknown {
  return mask(value, 'open', { depth: 0, left: { values: VALUES_MAX } })
}

interface Bounds {
  readonly depth: number
  /** Shared by the whole record. */
  readonly left: { values: number }
}

function mask(value: unknown, mode: Mode, { depth, left }: Bounds): unknown {
  left.values -= 1
  if (left.values < 0) return '…'
  if (typeof value === 'string') return maskText(value, mode)
  if (typeof value === 'number') return mode === 'hidden' || PHONE_NUMBER.test(String(value)) ? HIDDEN : value
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MAX) return '…'
  const inside = { depth: depth + 1, left }
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((entry) => mask(entry, mode, inside))
  const entries = Object.entries(value).slice(0, ENTRIES_MAX)
  return Object.fromEntries(entries.map(([name, entry]) => maskEntry(name.slice(0, KEY_MAX), entry, mode, inside)))
}

function maskEntry(key: string, value: unknown, mode: Mode, inside: Bounds): [string, unknown] {
  return [key, mask(value, modeOf(key, mode), inside)]
}

function modeOf(key: string, around: Mode): Mode {
  if (ID_KEY.test(key)) return 'open'
  if (around === 'hidden' || PERSONAL_KEY.test(key)) return 'hidden'
  return PERSON_KEY.test(key) ? 'person' : 'open'
}

function maskText(text: string, mode: Mode): string {
  if (text === '') return text
  if (mode === 'hidden' || (mode === 'person' && !ID.test(text))) return HIDDEN
  // Times and ids match the loose pattern of phones, and operators search by them.
  const read = text.slice(0, READ_MAX)
  if (TIME.test(read) || ID.test(read)) return read.slice(0, TEXT_MAX)
  return read.replaceAll(MAIL, HIDDEN).replaceAll(PHONE, HIDDEN).slice(0, TEXT_MAX)
}
