import type { LocalizedText } from '#crm/contract.ts'

/** What amoCRM's own refusals mean for the person who has to act. `{area}` is what was asked for. */
export const MESSAGES: Readonly<Record<string, LocalizedText>> = {
  credentials_missing: {
    en: 'There is no access to amoCRM yet. Connect it through the consent page, or enter a long-lived token.',
    ru: 'Доступа к amoCRM ещё нет. Подключите её через страницу согласия или введите долгосрочный токен.',
  },
  address_missing: {
    en: 'The address of the amoCRM account is missing. Enter it, for example https://company.amocrm.ru.',
    ru: 'Не указан адрес аккаунта amoCRM. Введите его, например https://company.amocrm.ru.',
  },
  token_rejected: {
    en: 'amoCRM does not accept the token: it has expired or was revoked. Connect amoCRM again or enter a new long-lived token, then test the connection.',
    ru: 'amoCRM не принимает токен: он истёк или отозван. Подключите amoCRM заново или введите новый долгосрочный токен и проверьте подключение.',
  },
  grant_dead: {
    en: 'amoCRM has ended the consent that was given. Connect amoCRM again.',
    ru: 'amoCRM прекратила данное согласие. Подключите amoCRM заново.',
  },
  grant_missing: {
    en: 'The consent for amoCRM is not stored here any more. Connect amoCRM again.',
    ru: 'Согласие для amoCRM здесь больше не хранится. Подключите amoCRM заново.',
  },
  app_rejected: {
    en: 'amoCRM does not accept the registration of this service. The operator has to check AMO_CRM_CLIENT_ID, AMO_CRM_CLIENT_SECRET and AMO_CRM_REDIRECT_URI.',
    ru: 'amoCRM не принимает регистрацию этого сервиса. Оператору нужно проверить AMO_CRM_CLIENT_ID, AMO_CRM_CLIENT_SECRET и AMO_CRM_REDIRECT_URI.',
  },
  account_missing: {
    en: 'There is no amoCRM account at this address. If it was renamed, enter the new address.',
    ru: 'По этому адресу нет аккаунта amoCRM. Если его переименовали, введите новый адрес.',
  },
  subscription_ended: {
    en: 'The amoCRM subscription does not cover this ({area}). Renew or extend it, then test the connection again.',
    ru: 'Тариф amoCRM закончился или этого не включает ({area}). Продлите или расширьте его и проверьте подключение ещё раз.',
  },
  right_missing: {
    en: 'The amoCRM user who gave access may not see this ({area}). Give that user the right, then test the connection again.',
    ru: 'У пользователя amoCRM, который дал доступ, нет права это видеть ({area}). Дайте ему право и проверьте подключение ещё раз.',
  },
  blocked: {
    en: 'amoCRM has blocked the account’s or our access for too many requests. Nothing more is asked for; amoCRM’s support lifts the block. Then test the connection again.',
    ru: 'amoCRM заблокировала доступ из-за числа запросов. Мы больше ничего не запрашиваем; блокировку снимает поддержка amoCRM. После этого проверьте подключение ещё раз.',
  },
  filter_ignored: {
    en: 'amoCRM answers without regard to the period that was asked for ({area}), so nothing was changed. Its support has to switch on API filters for the account.',
    ru: 'amoCRM отвечает, не учитывая запрошенный период ({area}), поэтому данные не изменены. Поддержка amoCRM должна включить фильтры API для аккаунта.',
  },
  inconsistent: {
    en: 'amoCRM contradicts itself ({area}): one answer says there is nothing, another shows it. Nothing was changed.',
    ru: 'amoCRM противоречит сама себе ({area}): в одном ответе ничего нет, в другом запись есть. Данные не изменены.',
  },
  customers_off: {
    en: 'Customers are switched off in this amoCRM account, so it has no purchases. Switch them on, or take `purchases` out of `sources`.',
    ru: 'В этом аккаунте amoCRM выключены «Покупатели», поэтому покупок нет. Включите их или уберите `purchases` из `sources`.',
  },
  no_invoices: {
    en: 'This amoCRM account has no list of invoices. Create one, or take `invoices` out of `sources`.',
    ru: 'В этом аккаунте amoCRM нет списка «Счета». Создайте его или уберите `invoices` из `sources`.',
  },
  unexpected_shape: {
    en: 'The answer of amoCRM has another shape than documented ({area}). Support has to investigate.',
    ru: 'Ответ amoCRM устроен не так, как описано ({area}). Нужна помощь поддержки.',
  },
}
