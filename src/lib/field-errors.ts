// What a schema says of a wrong value, in both languages. Zod's own sentences speak of its types; these say what is
// allowed. A sentence that a schema gives itself is English, and SAID has it in Russian.
import type * as z from 'zod'
import type { FieldError } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'

/** For `safeParse`: leaves the sentences of what a schema says nothing about to `fieldErrors`. */
export const FIELD_ERRORS = { reportInput: true, error: () => '' } as const

export const REQUIRED: LocalizedText = { en: 'is required', ru: 'обязательно' }
export const UNKNOWN_FIELD: LocalizedText = { en: 'is not a known field', ru: 'неизвестное поле' }

/** The sentences of the schemas. */
export const SAID: Readonly<Record<string, string>> = {
  'must not be empty': 'не должно быть пустым',
  'expected a time such as 2026-01-31T00:00:00Z': 'нужно время, например 2026-01-31T00:00:00Z',
  'expected a day such as 2026-01-31 or a time such as 2026-01-31T00:00:00Z':
    'нужна дата, например 2026-01-31, или время, например 2026-01-31T00:00:00Z',
  'expected a year from 1901 to 2999': 'нужен год от 1901 до 2999',
  'expected a day such as 2026-01-31': 'нужна дата, например 2026-01-31',
  'expected a year from 2000 to 2999': 'нужен год от 2000 до 2999',
  'expected an ISO 4217 code such as RUB': 'нужен код валюты по ISO 4217, например RUB',
  'expected an IANA time zone such as Europe/Moscow': 'нужен часовой пояс из базы IANA, например Europe/Moscow',
  'expected the name of a field as the server shows it': 'нужно имя поля, как его показывает сервер',
  'expected an ETag as it was sent, quotes included': 'нужен ETag, каким он пришёл, вместе с кавычками',
  'expected a published document such as Document_ЧекККМ': 'нужен опубликованный документ, например Document_ЧекККМ',
  'at most 50 clinics': 'не более 50 клиник',
  'expected the number of a clinic': 'нужен номер клиники',
  'expected the number of a clinic, digits only': 'нужен номер клиники, только цифры',
  'expected the number of a branch': 'нужен номер филиала',
  'expected the number of the branch, digits only': 'нужен номер филиала, только цифры',
  'expected the number of a pipeline': 'нужен номер воронки',
  'expected sale, refund or {field, sale: [values], refund: [values]}':
    'нужно sale, refund или {field, sale: [значения], refund: [значения]}',
  'is required: the number of the branch': 'обязательно: номер филиала',
  'is required: the number of the branch, or `companyIds` for several':
    'обязательно: номер филиала или `companyIds` для нескольких',
  'is required: the zone of the 1C server, such as Europe/Moscow':
    'обязательно: часовой пояс сервера 1С, например Europe/Moscow',
  'is not a phone number': 'это не номер телефона',
  'names a customer by exactly one of phone, email and customerExternalId':
    'называет клиента ровно одним из полей: phone, email, customerExternalId',
  'must have at most 100 characters': 'должно быть не более 100 знаков',
  'must not hold control characters': 'не может содержать управляющих символов',
  'must take at most 16 KB of JSON, with lists of at most 200 members':
    'может занимать не более 16 КБ JSON, а списки могут содержать не более 200 элементов',
  'expected one character such as ;': 'нужен один знак, например ;',
  'expected UTF-8, UTF-16 or a one-byte encoding such as windows-1251':
    'нужна кодировка UTF-8, UTF-16 или однобайтовая, например windows-1251',
}

/** Paths begin with `prefix`, such as `query`. */
export function fieldErrors(error: z.ZodError, prefix: readonly string[]): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path.map(String)]
    if (issue.code !== 'unrecognized_keys') return [{ path: fieldPath(path), ...errorOf(issue) }]
    return issue.keys.map((key) => {
      return { path: fieldPath([...path, key]), code: 'unknown_field' as const, message: UNKNOWN_FIELD }
    })
  })
}

export function fieldPath(path: readonly string[]): string {
  return path.join('.') || 'body'
}

type Wrong = Pick<FieldError, 'code' | 'message'>

function errorOf(issue: z.core.$ZodIssue): Wrong {
  const own = issue.message === '' ? standard(issue) : { en: issue.message, ru: SAID[issue.message] ?? issue.message }
  return { code: codeOf(issue), message: own }
}

function codeOf(issue: z.core.$ZodIssue): FieldError['code'] {
  const { code } = issue
  if (code === 'too_small') return 'too_small'
  if (code === 'too_big') return 'too_large'
  if (code === 'invalid_type') return issue.input === undefined ? 'required' : 'wrong_type'
  if (code === 'invalid_value') return issue.input === undefined ? 'required' : 'not_allowed'
  return 'wrong_form'
}

const TYPES: Readonly<Record<string, LocalizedText>> = {
  string: { en: 'expected a text', ru: 'нужен текст' },
  number: { en: 'expected a number', ru: 'нужно число' },
  int: { en: 'expected a whole number', ru: 'нужно целое число' },
  boolean: { en: 'expected true or false', ru: 'нужно true или false' },
  array: { en: 'expected a list', ru: 'нужен список' },
  object: { en: 'expected an object', ru: 'нужен объект' },
  record: { en: 'expected an object', ru: 'нужен объект' },
}

const FORMS: Readonly<Record<string, LocalizedText>> = {
  datetime: {
    en: 'expected a time with its zone, such as 2026-11-30T09:00:00Z',
    ru: 'нужно время с поясом, например 2026-11-30T09:00:00Z',
  },
  date: { en: 'expected a day such as 2026-11-30', ru: 'нужна дата, например 2026-11-30' },
  url: { en: 'expected an address such as https://example.com', ru: 'нужен адрес, например https://example.com' },
  uuid: { en: 'expected an id', ru: 'нужен идентификатор' },
  guid: { en: 'expected an id', ru: 'нужен идентификатор' },
}

const OTHER: LocalizedText = { en: 'has a form that is not allowed', ru: 'такая форма не допускается' }

function standard(issue: z.core.$ZodIssue): LocalizedText {
  const { code } = issue
  if (code === 'too_small') return bound(issue.origin, 'least', issue.minimum, issue.inclusive !== false)
  if (code === 'too_big') return bound(issue.origin, 'most', issue.maximum, issue.inclusive !== false)
  if (code === 'invalid_format') return FORMS[issue.format] ?? OTHER
  if (code !== 'invalid_type' && code !== 'invalid_value') return OTHER
  if (issue.input === undefined) return REQUIRED
  if (code === 'invalid_type') return TYPES[issue.expected] ?? OTHER
  const values = issue.values.map(String).join(', ')
  return { en: `must be one of: ${values}`, ru: `допустимые значения: ${values}` }
}

const BOUNDS = {
  least: { en: 'at least', ru: 'не менее' },
  most: { en: 'at most', ru: 'не более' },
  above: { en: 'more than', ru: 'больше' },
  below: { en: 'less than', ru: 'меньше' },
} as const
const UNITS: Readonly<Record<string, LocalizedText>> = {
  string: { en: 'characters', ru: 'знаков' },
  array: { en: 'items', ru: 'элементов' },
  set: { en: 'items', ru: 'элементов' },
  map: { en: 'items', ru: 'элементов' },
}

function bound(origin: string, side: 'least' | 'most', value: number | bigint, isInclusive: boolean): LocalizedText {
  const word = BOUNDS[isInclusive ? side : side === 'least' ? 'above' : 'below']
  const unit = UNITS[origin]
  if (unit && side === 'least' && Number(value) === 1) return { en: 'must not be empty', ru: 'не должно быть пустым' }
  return unit
    ? { en: `must have ${word.en} ${value} ${unit.en}`, ru: `должно быть ${word.ru} ${value} ${unit.ru}` }
    : { en: `must be ${word.en} ${value}`, ru: `должно быть ${word.ru} ${value}` }
}
