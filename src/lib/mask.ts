// Vendor records that could not be mapped are kept for the operator: enough to find them in the CRM, without the people
// in them.

const PERSONAL_KEY =
  /name|surname|patronymic|fio|phone|tel|mail|card|address|birth|comment|note|passport|фио|телефон|имя|фамилия|отчество|почта|адрес|карт/i
const PHONE = /\+?\d[\d\s()-]{8,}\d/g
const MAIL = /[^\s@"'<>]+@[^\s@"'<>]+\.[^\s@"'<>]+/g
const DEPTH_MAX = 6
const ENTRIES_MAX = 50
const TEXT_MAX = 200

/** A copy with personal text replaced by `***`, bounded in depth and size. Ids, sums and dates stay. */
export function maskPersonal(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MAX) return '…'
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((entry) => maskPersonal(entry, depth + 1))
  const entries = Object.entries(value).slice(0, ENTRIES_MAX)
  return Object.fromEntries(
    entries.map(([key, entry]) => [key, isPersonal(key, entry) ? '***' : maskPersonal(entry, depth + 1)]),
  )
}

function isPersonal(key: string, entry: unknown): boolean {
  return PERSONAL_KEY.test(key) && (typeof entry === 'string' || typeof entry === 'number') && entry !== ''
}

function maskText(text: string): string {
  // Dates look like phones to a loose pattern, and they are what one searches by.
  if (/^\d{4}-\d\d-\d\d/.test(text)) return text.slice(0, TEXT_MAX)
  return text.slice(0, TEXT_MAX).replaceAll(MAIL, '***').replaceAll(PHONE, '***')
}
