// The reasons for outcomes of deliveries, in words for a person who reads the inbox. Refusals of the CRM have their
// words in the connector's table and in crm/messages.ts.
import type { LocalizedText } from '#crm/contract.ts'
import { describeError } from '#crm/messages.ts'
import { CRM_ERROR_KINDS, type CrmError, type CrmErrorKind } from '#lib/crm-error.ts'

const REASONS = {
  unverified: {
    en: 'The sender did not show the secret that belongs to this address. If the CRM sent it, set the hook up again.',
    ru: 'Отправитель не предъявил секрет этого адреса. Если это была CRM, настройте вебхук заново.',
  },
  unreadable: {
    en: 'The body could not be read: {detail}.',
    ru: 'Не удалось разобрать содержимое: {detail}.',
  },
  too_large: {
    en: 'The body was larger than any sale; it was not read.',
    ru: 'Содержимое больше любой продажи и не читалось.',
  },
  too_many: {
    en: 'More had changed than is read one by one, so a sync reads the changes.',
    ru: 'Изменений больше, чем читается по одному, поэтому их читает синхронизация.',
  },
  not_followed: {
    en: 'It was about something other than sales.',
    ru: 'Событие не о продажах.',
  },
  foreign_account: {
    en: 'It is about another account than this integration is connected to. Check the address in the settings of that account.',
    ru: 'Событие другого аккаунта, не того, к которому подключена интеграция. Проверьте адрес в настройках того аккаунта.',
  },
  connection_failed: {
    en: 'The connection to the CRM has failed, so the CRM was not asked. Enter new credentials and test the connection; the sync then brings what was missed.',
    ru: 'Подключение к CRM не работает, поэтому CRM не запрашивалась. Введите новые ключи и проверьте подключение; синхронизация принесёт пропущенное.',
  },
  not_shown: {
    en: 'The CRM did not show the object, several times in a row. The next sync brings it.',
    ru: 'CRM несколько раз подряд не показала объект. Его принесёт следующая синхронизация.',
  },
  from_body: {
    en: 'The CRM does not let us read the object, so it was taken from the hook itself.',
    ru: 'CRM не даёт прочитать объект, поэтому он взят из самого вебхука.',
  },
  read_instead: {
    en: 'The CRM does not let us read the object, so what belongs to it was read again.',
    ru: 'CRM не даёт прочитать объект, поэтому прочитано связанное с ним.',
  },
  worker_lost: {
    en: 'Processing it broke off several times. Nothing is lost; our support has to investigate.',
    ru: 'Обработка несколько раз обрывалась. Ничего не потеряно; нужна помощь нашей поддержки.',
  },
} as const satisfies Readonly<Record<string, LocalizedText>>

export type ReasonCode = keyof typeof REASONS

/** A reason as it is stored: its code, and its detail after a colon. */
export function storedReason(code: ReasonCode, detail: string | null): string {
  return detail === null ? code : `${code}:${detail.slice(0, 200)}`
}

/** A refusal of the CRM as a stored reason. */
export function reasonOf({ kind, reason }: CrmError): string {
  return reason === null ? kind : `${kind}.${reason}`
}

export interface Reason {
  readonly code: string
  readonly message: string
}

/** `own` is the connector's table. */
export function presentReason(
  stored: string,
  own: Readonly<Record<string, LocalizedText>>,
  language: keyof LocalizedText,
): Reason {
  const [code = '', detail = ''] = stored.split(/:(.*)/s)
  const known: Readonly<Record<string, LocalizedText>> = REASONS
  const text = known[code] ?? describe(code, own)
  return { code, message: text[language].replaceAll('{detail}', detail) }
}

function describe(code: string, own: Readonly<Record<string, LocalizedText>>): LocalizedText {
  const [first = '', reason = null] = code.split('.')
  const kind = CRM_ERROR_KINDS.find((one): one is CrmErrorKind => one === first) ?? 'internal'
  return describeError({ kind, reason, params: {} }, own)
}
