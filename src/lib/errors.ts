// The closed list of problems that the API answers with (RFC 9457). Product code throws a Problem, and api/problem.ts
// makes the answer; any other error becomes `internal` with a fixed text.
import type { Language, LocalizedText } from '#lib/localized.ts'

export const PROBLEMS = {
  malformed_json: {
    status: 400,
    title: { en: 'The body is not valid JSON', ru: 'Тело запроса не является правильным JSON' },
  },
  invalid_request: { status: 400, title: { en: 'The request is not valid', ru: 'Запрос составлен неверно' } },
  range_too_large: { status: 400, title: { en: 'The period is too long', ru: 'Слишком длинный период' } },
  credentials_required: {
    status: 400,
    title: { en: 'The credentials have to be entered again', ru: 'Ключи и пароли нужно ввести заново' },
  },
  branch_not_claimed: {
    status: 400,
    title: { en: 'The app is not installed in this branch', ru: 'В этом филиале приложение не подключено' },
  },
  origin_not_allowed: {
    status: 400,
    title: { en: 'The address is not one of the product', ru: 'Этот адрес не принадлежит продукту' },
  },
  unauthenticated: { status: 401, title: { en: 'Authentication is required', ru: 'Нужно войти' } },
  token_expired: { status: 401, title: { en: 'The access token has expired', ru: 'Срок действия токена истёк' } },
  session_ended: { status: 401, title: { en: 'The session is over', ru: 'Сеанс окончен' } },
  insufficient_scope: {
    status: 403,
    title: { en: 'The access token does not allow this', ru: 'Токен этого не разрешает' },
  },
  not_found: { status: 404, title: { en: 'Not found', ru: 'Не найдено' } },
  method_not_allowed: { status: 405, title: { en: 'Method not allowed', ru: 'Этот метод здесь не поддерживается' } },
  integration_exists: {
    status: 409,
    title: { en: 'The business already has an integration', ru: 'У компании уже есть подключение' },
  },
  other_account: {
    status: 409,
    title: { en: 'The credentials open another account', ru: 'Это ключи от другого аккаунта' },
  },
  conflict: {
    status: 409,
    title: { en: 'Another request changed this at the same time', ru: 'Это одновременно изменил другой запрос' },
  },
  not_claimable: {
    status: 409,
    title: { en: 'The branch cannot be connected now', ru: 'Филиал сейчас нельзя подключить' },
  },
  already_claimed: {
    status: 409,
    title: { en: 'The branch belongs to another business', ru: 'Филиал подключён к другой компании' },
  },
  too_many_formats: {
    status: 409,
    title: { en: 'Too many formats are saved', ru: 'Сохранено слишком много форматов' },
  },
  too_many_endpoints: {
    status: 409,
    title: { en: 'There are too many endpoints', ru: 'Слишком много адресов для событий' },
  },
  too_many_runs: { status: 409, title: { en: 'Too many runs are waiting', ru: 'В очереди слишком много запусков' } },
  request_in_progress: {
    status: 409,
    title: { en: 'The same request is still under way', ru: 'Такой же запрос ещё выполняется' },
  },
  idempotent_answer_lost: {
    status: 409,
    title: {
      en: 'The answer to the first request can no longer be read',
      ru: 'Ответ на первый запрос больше нельзя прочесть',
    },
  },
  nothing_to_confirm: {
    status: 409,
    title: { en: 'The run waits for no confirmation', ru: 'Этот запуск не ждёт подтверждения' },
  },
  not_undoable: { status: 409, title: { en: 'The import cannot be taken back', ru: 'Эту загрузку нельзя отменить' } },
  not_replayable: {
    status: 409,
    title: { en: 'The delivery cannot be processed again', ru: 'Это уведомление нельзя обработать ещё раз' },
  },
  ticket_used: {
    status: 410,
    title: { en: 'The ticket has been used or has expired', ru: 'Одноразовый код использован или устарел' },
  },
  precondition_failed: {
    status: 412,
    title: { en: 'The resource has changed since it was read', ru: 'Данные изменились с тех пор, как их прочли' },
  },
  body_too_large: { status: 413, title: { en: 'The body is too large', ru: 'Тело запроса слишком большое' } },
  unsupported_media_type: {
    status: 415,
    title: { en: 'The content type is not supported', ru: 'Такой тип содержимого не поддерживается' },
  },
  check_not_possible: {
    status: 422,
    title: { en: 'There is nothing to compare with', ru: 'Сверять не с чем' },
  },
  connection_test_failed: {
    status: 422,
    title: { en: 'The connection test failed', ru: 'Проверка подключения не прошла' },
  },
  consent_failed: { status: 422, title: { en: 'The CRM did not accept the consent', ru: 'CRM не приняла согласие' } },
  idempotency_key_reused: {
    status: 422,
    title: { en: 'The key belongs to another request', ru: 'Этот ключ уже использован для другого запроса' },
  },
  mapping_unconfirmed: {
    status: 422,
    title: {
      en: 'The file raises questions that have to be answered first',
      ru: 'По этому файлу сначала нужно ответить на вопросы',
    },
  },
  unreadable_file: {
    status: 422,
    title: { en: 'The file cannot be read as a table', ru: 'Файл не читается как таблица' },
  },
  too_many_requests: { status: 429, title: { en: 'Too many requests', ru: 'Слишком много запросов' } },
  internal: { status: 500, title: { en: 'Something went wrong on our side', ru: 'Ошибка на нашей стороне' } },
  crm_unavailable: {
    status: 502,
    title: { en: 'The CRM did not answer as it should', ru: 'CRM ответила не так, как должна' },
  },
  misconfigured: { status: 503, title: { en: 'The service is not configured', ru: 'Сервис не настроен' } },
  wrong_keys: {
    status: 503,
    title: {
      en: 'The keys of the service do not open what is stored',
      ru: 'Ключи сервиса не подходят к сохранённым данным',
    },
  },
  other_deployment: {
    status: 503,
    title: {
      en: 'The database belongs to another deployment',
      ru: 'База данных принадлежит другой установке сервиса',
    },
  },
  unavailable: {
    status: 503,
    title: { en: 'The service cannot answer right now', ru: 'Сервис сейчас не может ответить' },
  },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: LocalizedText }>>

export type ProblemCode = keyof typeof PROBLEMS

/** What may be wrong with one field of a request. */
export const FIELD_CODES = [
  'required',
  'unknown_field',
  'wrong_type',
  'wrong_form',
  'not_allowed',
  'too_small',
  'too_large',
] as const

export interface FieldError {
  /** Dotted path into the request: `credentials.apiKey`, `query.limit`. */
  readonly path: string
  readonly code: (typeof FIELD_CODES)[number]
  readonly message: LocalizedText
}

export interface ProblemOptions {
  readonly detail?: LocalizedText
  readonly errors?: readonly FieldError[]
  /** Further members of the problem object, such as `report`. */
  readonly extensions?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** What is wrong with a request takes no more space than a person reads, whatever was sent. */
const ERRORS_MAX = 50
const PATH_MAX = 200
const MESSAGE_MAX = 300
const DETAIL_MAX = 2000

export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly detail: LocalizedText
  readonly errors: readonly FieldError[] | null
  readonly extensions: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    const errors = options.errors?.slice(0, ERRORS_MAX).map(({ path, code: of, message }) => {
      return { path: shorten(path, PATH_MAX), code: of, message: shortened(message, MESSAGE_MAX) }
    })
    const detail = shortened(options.detail ?? (errors ? listed(errors) : PROBLEMS[code].title), DETAIL_MAX)
    super(detail.en, { cause: options.cause })
    this.code = code
    this.detail = detail
    this.errors = errors ?? null
    this.extensions = options.extensions ?? {}
    this.headers = options.headers ?? {}
  }
}

function listed(errors: readonly FieldError[]): LocalizedText {
  const textIn = (language: Language) => errors.map(({ path, message }) => `${path}: ${message[language]}`).join('; ')
  return { en: textIn('en'), ru: textIn('ru') }
}

function shortened({ en, ru }: LocalizedText, charactersMax: number): LocalizedText {
  return { en: shorten(en, charactersMax), ru: shorten(ru, charactersMax) }
}

/** Well-formed, as some clients refuse JSON with half a surrogate pair. */
function shorten(text: string, charactersMax: number): string {
  return (text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text).toWellFormed()
}
