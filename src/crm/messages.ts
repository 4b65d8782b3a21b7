// What a person reads when a CRM and we do not get along: what happened, whose turn it is, what to do. One table; a
// connector's own reasons come first, then these, then the kind.
import type { Text } from '#crm/contract.ts'
import type { CrmErrorKind } from '#lib/crm-error.ts'
import type { EgressReason } from '#lib/egress.ts'

type CommonReason = EgressReason | 'worker_lost' | 'settings_changed' | 'credentials_unreadable' | 'settings_unreadable'

const KINDS: Readonly<Record<CrmErrorKind, Text>> = {
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
    en: 'The CRM asks for a pause. The sync goes on by itself.',
    ru: 'CRM просит паузу. Синхронизация продолжится сама.',
  },
  unavailable: {
    en: 'The CRM does not answer. The sync tries again by itself.',
    ru: 'CRM не отвечает. Синхронизация повторит попытку сама.',
  },
  rejected: {
    en: 'The CRM rejected a request. Check the settings; if they are right, support has to look.',
    ru: 'CRM отклонила запрос. Проверьте настройки; если они верны, нужна помощь поддержки.',
  },
  malformed: {
    en: 'The CRM answered in an unknown format. Support has to look; nothing was changed.',
    ru: 'CRM ответила в неизвестном формате. Нужна помощь поддержки; данные не изменены.',
  },
  internal: {
    en: 'Something went wrong on our side. Nothing is lost; the sync tries again by itself, and support can see it.',
    ru: 'Ошибка на нашей стороне. Ничего не потеряно; синхронизация повторится сама, поддержка её видит.',
  },
}

const REASONS: Readonly<Record<CommonReason, Text>> = {
  address_refused: {
    en: 'The address may not be called: it must be a public https address of the CRM. Correct it in the settings.',
    ru: 'По этому адресу обращаться нельзя: нужен публичный https-адрес CRM. Исправьте его в настройках.',
  },
  redirect_refused: {
    en: 'The CRM redirects to another server, and credentials are not sent there. Enter the final address in the settings.',
    ru: 'CRM перенаправляет на другой сервер, а ключи туда не отправляются. Укажите в настройках конечный адрес.',
  },
  connection: {
    en: 'The connection to the CRM failed or broke off. The sync tries again by itself.',
    ru: 'Не удалось соединиться с CRM, или связь оборвалась. Синхронизация повторит попытку сама.',
  },
  timeout: {
    en: 'The CRM did not answer in time. The sync tries again by itself.',
    ru: 'CRM не ответила вовремя. Синхронизация повторит попытку сама.',
  },
  server_error: {
    en: 'The CRM reports an error of its own. The sync tries again by itself; if it lasts, ask the CRM’s support.',
    ru: 'CRM сообщает о своей ошибке. Синхронизация повторит попытку сама; если это надолго, обратитесь в поддержку CRM.',
  },
  not_json: {
    en: 'Instead of data the CRM sent a page, as during maintenance. The sync tries again by itself.',
    ru: 'Вместо данных CRM прислала страницу, как при работах на сервере. Синхронизация повторит попытку сама.',
  },
  truncated: {
    en: 'The answer of the CRM broke off half-way. The sync tries again by itself.',
    ru: 'Ответ CRM оборвался на середине. Синхронизация повторит попытку сама.',
  },
  too_large: {
    en: 'An answer of the CRM is larger than allowed. Support has to look.',
    ru: 'Ответ CRM больше допустимого. Нужна помощь поддержки.',
  },
  throttled: {
    en: 'The CRM asks for a pause because of too many requests. The sync goes on by itself.',
    ru: 'CRM просит паузу: слишком много запросов. Синхронизация продолжится сама.',
  },
  worker_lost: {
    en: 'The sync broke off several times at the same place. Nothing is lost; support has to look.',
    ru: 'Синхронизация несколько раз обрывалась на одном месте. Ничего не потеряно; нужна помощь поддержки.',
  },
  settings_changed: {
    en: 'The settings were changed while this run was active. Start a new sync.',
    ru: 'Настройки изменили во время этой синхронизации. Запустите её заново.',
  },
  credentials_unreadable: {
    en: 'The stored credentials cannot be opened. Enter them again; if that does not help, the operator has to check the keys of the service.',
    ru: 'Сохранённые ключи не открываются. Введите их ещё раз; если не поможет, оператор должен проверить ключи сервиса.',
  },
  settings_unreadable: {
    en: 'The stored settings do not fit this CRM any more. Save them again.',
    ru: 'Сохранённые настройки больше не подходят этой CRM. Сохраните их ещё раз.',
  },
}

interface Described {
  readonly kind: CrmErrorKind
  readonly reason: string | null
  readonly params: Readonly<Record<string, string>>
}

/** The sentence for an error in both languages; `own` is the connector's table. */
export function describeError({ kind, reason, params }: Described, own: Readonly<Record<string, Text>>): Text {
  const common: Readonly<Record<string, Text>> = REASONS
  const text = (reason !== null && (own[reason] ?? common[reason])) || KINDS[kind]
  return { en: fill(text.en, params), ru: fill(text.ru, params) }
}

function fill(template: string, params: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '')
}
