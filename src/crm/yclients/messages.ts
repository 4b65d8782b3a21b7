import type { LocalizedText } from '#crm/contract.ts'

/** What YCLIENTS' refusals mean for the person who has to act. `{area}` is the list that was requested. */
export const MESSAGES: Readonly<Record<string, LocalizedText>> = {
  credentials_missing: {
    en: 'The partner token or the user token is missing. Enter both and test the connection again.',
    ru: 'Не указан токен партнёра или токен пользователя. Введите оба и проверьте подключение ещё раз.',
  },
  branch_not_claimed: {
    en: 'The app is not installed in this branch by this business. Install it from the marketplace, or enter your own user token.',
    ru: 'Приложение в этом филиале не подключено для этой компании. Подключите его в маркетплейсе или введите свой токен пользователя.',
  },
  token_rejected: {
    en: 'YCLIENTS does not accept the tokens. The user token changes with the password: get a new one, enter it and test the connection.',
    ru: 'YCLIENTS не принимает токены. Токен пользователя меняется вместе с паролем: получите новый, введите его и проверьте подключение.',
  },
  licence_ended: {
    en: 'The licence of this branch in YCLIENTS has ended. Renew it in YCLIENTS, then test the connection again.',
    ru: 'Лицензия филиала в YCLIENTS закончилась. Продлите её в YCLIENTS и проверьте подключение ещё раз.',
  },
  right_missing: {
    en: 'The YCLIENTS user lacks a right ({area}). Give it in Settings → Users, then test the connection again.',
    ru: 'У пользователя YCLIENTS нет права ({area}). Дайте его в «Настройки → Пользователи» и проверьте подключение ещё раз.',
  },
  company_missing: {
    en: 'YCLIENTS knows no branch with this number, or this user does not belong to it. Check the branch id.',
    ru: 'YCLIENTS не находит филиал с таким номером, или у пользователя нет к нему доступа. Проверьте номер филиала.',
  },
  not_envelope: {
    en: 'Something other than YCLIENTS answered in its place ({area}). If that lasts for hours, ask the support of YCLIENTS.',
    ru: 'Вместо YCLIENTS ответило что-то другое ({area}). Если это длится часами, обратитесь в поддержку YCLIENTS.',
  },
  not_a_list: {
    en: 'YCLIENTS answered with something other than a list ({area}). Its format may have changed: support has to investigate.',
    ru: 'YCLIENTS ответил не списком ({area}). Возможно, изменился формат: нужна помощь поддержки.',
  },
  unexpected_shape: {
    en: 'The answer of YCLIENTS has another shape than documented ({area}). Support has to investigate.',
    ru: 'Ответ YCLIENTS устроен не так, как описано ({area}). Нужна помощь поддержки.',
  },
}
