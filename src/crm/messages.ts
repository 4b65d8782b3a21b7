// What a person reads after an error of a CRM: what happened, who has to act, what to do, and when the next try is. As
// tables: a connector's own reasons come first, then these, then the kind.
import type { LocalizedText } from '#crm/contract.ts'
import type { CrmErrorKind } from '#lib/crm-error.ts'
import type { EgressReason } from '#lib/egress.ts'

type CommonReason =
  | EgressReason
  | 'busy'
  | 'vendor_down'
  | 'brake'
  | 'all_rejected'
  | 'rejected_rows_unknown'
  | 'mended_known'
  | 'mended_number'
  | 'format_changed'
  | 'refuses_many'
  | 'overloaded'
  | 'worker_lost'
  | 'settings_changed'
  | 'credentials_unreadable'
  | 'settings_unreadable'
  | 'refresh_under_way'
  | 'app_missing'

const KINDS: Readonly<Record<CrmErrorKind, LocalizedText>> = {
  auth: {
    en: 'The CRM does not accept the credentials. Enter new ones and test the connection.',
    ru: 'CRM не принимает ключи доступа. Введите новые и проверьте подключение.',
  },
  forbidden: {
    en: 'The CRM refuses access. Give the user the missing right in the CRM and test the connection.',
    ru: 'CRM отказывает в доступе. Дайте пользователю недостающее право в CRM и проверьте подключение.',
  },
  not_found: {
    en: 'The CRM does not find what the settings name. Check the address and the ids in the settings.',
    ru: 'CRM не находит то, что указано в настройках. Проверьте адрес и номера в настройках.',
  },
  rate_limited: {
    en: 'The CRM asks for a pause. Nobody has to do anything.',
    ru: 'CRM просит паузу. Делать ничего не нужно.',
  },
  unavailable: {
    en: 'The CRM does not answer. If that lasts for hours, ask the CRM’s support.',
    ru: 'CRM не отвечает. Если это длится часами, обратитесь в поддержку CRM.',
  },
  rejected: {
    en: 'The CRM rejected a request. Check the settings; if they are right, our support has to investigate.',
    ru: 'CRM отклонила запрос. Проверьте настройки; если они верны, нужна помощь нашей поддержки.',
  },
  malformed: {
    en: 'The CRM answered in an unknown format, so nothing was changed. Our support has to investigate.',
    ru: 'CRM ответила в неизвестном формате, поэтому данные не изменены. Нужна помощь нашей поддержки.',
  },
  internal: {
    en: 'Something went wrong on our side. Nothing is lost, and our support can see it.',
    ru: 'Ошибка на нашей стороне. Ничего не потеряно, наша поддержка её видит.',
  },
}

const REASONS: Readonly<Record<CommonReason, LocalizedText>> = {
  address_refused: {
    en: 'The address may not be called: it must be a public https address of the CRM. Correct it in the settings.',
    ru: 'По этому адресу обращаться нельзя: нужен публичный https-адрес CRM. Исправьте его в настройках.',
  },
  redirect_refused: {
    en: 'The CRM redirects to another server, and credentials are not sent there. Enter the final address in the settings.',
    ru: 'CRM перенаправляет на другой сервер, а ключи туда не отправляются. Укажите в настройках конечный адрес.',
  },
  connection: {
    en: 'The connection to the CRM failed or broke off. If that lasts for hours, ask the CRM’s support.',
    ru: 'Не удалось соединиться с CRM, или связь оборвалась. Если это длится часами, обратитесь в поддержку CRM.',
  },
  timeout: {
    en: 'The CRM did not answer in time. If that lasts for hours, ask the CRM’s support.',
    ru: 'CRM не ответила вовремя. Если это длится часами, обратитесь в поддержку CRM.',
  },
  server_error: {
    en: 'The CRM reports an error of its own. If that lasts for hours, ask the CRM’s support.',
    ru: 'CRM сообщает о своей ошибке. Если это длится часами, обратитесь в поддержку CRM.',
  },
  not_json: {
    en: 'Instead of data the CRM sent a page, as during maintenance. If that lasts for hours, ask the CRM’s support.',
    ru: 'Вместо данных CRM прислала страницу, как при работах на сервере. Если это длится часами, обратитесь в поддержку CRM.',
  },
  truncated: {
    en: 'The answer of the CRM broke off half-way. If that lasts for hours, ask the CRM’s support.',
    ru: 'Ответ CRM оборвался на середине. Если это длится часами, обратитесь в поддержку CRM.',
  },
  too_large: {
    en: 'An answer of the CRM is larger than can be read, though it was for the smallest part that can be requested alone. Nothing was changed. Look for a record or a day of unusual size in the CRM; if there is none, our support has to investigate.',
    ru: 'Ответ CRM больше, чем можно прочитать, хотя запрошена наименьшая часть, которую можно получить отдельно. Данные не изменены. Найдите в CRM запись или день необычного размера; если их нет, нужна помощь нашей поддержки.',
  },
  throttled: {
    en: 'The CRM asks for a pause because of too many requests. Nobody has to do anything.',
    ru: 'CRM просит паузу: слишком много запросов. Делать ничего не нужно.',
  },
  busy: {
    en: 'The CRM limits how often it may be called, and others are ahead. Nobody has to do anything.',
    ru: 'CRM ограничивает частоту обращений, и перед этой синхронизацией есть другие. Делать ничего не нужно.',
  },
  vendor_down: {
    en: 'The CRM does not answer many of its users at the moment, so it is left alone for a while. Nobody has to do anything.',
    ru: 'CRM сейчас не отвечает многим, поэтому обращений к ней пока нет. Делать ничего не нужно.',
  },
  brake: {
    en: 'Stopped before writing: this sync would cancel {cancelled} and change {changed} of the {rows} sales from {from} to {to} ({done} were changed just before). Nothing of that was done. Look into the CRM; if it is right, confirm the run, if not, nothing has to be undone.',
    ru: 'Остановлено до записи: эта синхронизация отменила бы {cancelled} и изменила бы {changed} из {rows} продаж с {from} по {to} (незадолго до этого уже изменено: {done}). Ничего из этого не сделано. Проверьте CRM: если всё верно, подтвердите запуск; если нет, отменять ничего не нужно.',
  },
  all_rejected: {
    en: 'No row of the file could be read. Download the rejected rows, mend what stands in the column of reasons, and send that file.',
    ru: 'Ни одну строку файла не удалось прочитать. Скачайте отклонённые строки, исправьте их по указанным причинам и загрузите этот файл.',
  },
  rejected_rows_unknown: {
    en: 'These are rejected rows of an import that is not known here any more, or they are changed too much. Mend the file itself and send all of it.',
    ru: 'Это отклонённые строки загрузки, которой здесь уже нет, или они слишком изменены. Исправьте сам файл и загрузите его целиком.',
  },
  mended_known: {
    en: 'Some of these rows ({known}) equal sales that are here already, and without numbers they cannot be told apart. If they are the same, delete them from this file; if not, mend your whole file and send that.',
    ru: 'Некоторые из этих строк ({known}) совпадают с уже загруженными продажами, а без номеров их не различить. Если это те же продажи, удалите строки из этого файла; если другие, исправьте весь исходный файл и загрузите его.',
  },
  mended_number: {
    en: 'Some of these rows ({known}) have the numbers of other sales of their file, and would replace them. Mend the numbers, or mend your whole file and send that.',
    ru: 'У некоторых из этих строк ({known}) номера других продаж того же файла, и они заменили бы их. Исправьте номера или исправьте весь исходный файл и загрузите его.',
  },
  format_changed: {
    en: 'More than half of a part of what the CRM sent cannot be understood: its format seems to have changed. Nothing of that part was stored, and what cannot be understood is in quarantine; our support has to investigate.',
    ru: 'Больше половины части данных, присланных CRM, не удалось разобрать: похоже, изменился формат. Из этой части ничего не сохранено, неразобранное в карантине; нужна помощь нашей поддержки.',
  },
  overloaded: {
    en: 'Our service has more to do than it can for the moment. Nobody has to do anything.',
    ru: 'Наш сервис сейчас перегружен. Делать ничего не нужно.',
  },
  refuses_many: {
    en: 'The CRM refuses many of its users at once, so the fault is its own. Nobody has to do anything.',
    ru: 'CRM отказывает сразу многим, поэтому неполадка у неё самой. Делать ничего не нужно.',
  },
  worker_lost: {
    en: 'The sync broke off several times at the same place. Nothing is lost; our support has to investigate.',
    ru: 'Синхронизация несколько раз обрывалась на одном месте. Ничего не потеряно; нужна помощь нашей поддержки.',
  },
  settings_changed: {
    en: 'The settings were changed while this run was active. Start a new sync.',
    ru: 'Настройки изменили во время этой синхронизации. Запустите её заново.',
  },
  credentials_unreadable: {
    en: 'The stored credentials cannot be opened. Enter them again; if that does not help, the operator has to check the keys of the service.',
    ru: 'Сохранённые ключи не открываются. Введите их ещё раз; если не поможет, оператор должен проверить ключи сервиса.',
  },
  refresh_under_way: {
    en: 'The access to the CRM is being renewed, and that takes unusually long. Nobody has to do anything.',
    ru: 'Доступ к CRM обновляется, и это длится необычно долго. Делать ничего не нужно.',
  },
  app_missing: {
    en: 'The registration of this service with the CRM is missing, so the access cannot be renewed. The operator has to enter it again.',
    ru: 'Нет регистрации этого сервиса в CRM, поэтому доступ не обновить. Оператору нужно указать её снова.',
  },
  settings_unreadable: {
    en: 'The stored settings do not fit this CRM any more. Save them again.',
    ru: 'Сохранённые настройки больше не подходят этой CRM. Сохраните их ещё раз.',
  },
}

/** The next try: after some seconds, with the next scheduled sync, or only after a person has acted. */
export type NextTry =
  | { readonly when: 'wait'; readonly seconds: number }
  | { readonly when: 'schedule' | 'manual' | 'stopped' | 'confirmed' }

const NEXT: Readonly<Record<NextTry['when'], LocalizedText>> = {
  wait: { en: 'The next try is in about {wait}.', ru: 'Следующая попытка примерно через {wait}.' },
  schedule: {
    en: 'The next scheduled sync tries again, after a longer pause each time.',
    ru: 'Следующая синхронизация по расписанию повторит попытку, с каждым разом после более долгой паузы.',
  },
  manual: {
    en: 'There is no further try by itself: start a sync when you are ready.',
    ru: 'Сама попытка не повторится: запустите синхронизацию, когда будете готовы.',
  },
  stopped: { en: 'Sync is switched off until then.', ru: 'До этого синхронизация выключена.' },
  confirmed: {
    en: 'Until then every sync stops at the same place.',
    ru: 'До этого каждая синхронизация остановится на том же месте.',
  },
}

interface Described {
  readonly kind: CrmErrorKind
  readonly reason: string | null
  readonly params: Readonly<Record<string, string>>
}

/** The sentences for an error in both languages; `own` is the connector's table, `next` the time of the next try. */
export function describeError(
  { kind, reason, params }: Described,
  own: Readonly<Record<string, LocalizedText>>,
  next: NextTry | null = null,
): LocalizedText {
  const common: Readonly<Record<string, LocalizedText>> = REASONS
  const text = (reason !== null && (own[reason] ?? common[reason])) || KINDS[kind]
  if (!next) return { en: fill(text.en, params), ru: fill(text.ru, params) }
  const wait = next.when === 'wait' ? duration(next.seconds) : { en: '', ru: '' }
  return {
    en: `${fill(text.en, params)} ${fill(NEXT[next.when].en, { wait: wait.en })}`,
    ru: `${fill(text.ru, params)} ${fill(NEXT[next.when].ru, { wait: wait.ru })}`,
  }
}

/** Abbreviated units need no plural forms. */
function duration(seconds: number): LocalizedText {
  if (seconds < 90) return { en: `${Math.max(Math.round(seconds), 1)} s`, ru: `${Math.max(Math.round(seconds), 1)} с` }
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return { en: `${minutes} min`, ru: `${minutes} мин` }
  return { en: `${Math.round(minutes / 60)} h`, ru: `${Math.round(minutes / 60)} ч` }
}

/** Puts values into the placeholders of a text; a placeholder without one becomes empty. */
export function fill(template: string, params: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => shown(params[name] ?? ''))
}

/** Longer texts of a file or a vendor are no part of a sentence. */
const SHOWN_MAX = 500
/** They break lines, or turn what stands behind them around. */
const ODD = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu

function shown(text: string): string {
  const cut = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX).toWellFormed()}…` : text
  return cut.replaceAll(ODD, ' ')
}
