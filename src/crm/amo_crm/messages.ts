import type { LocalizedText } from '#crm/contract.ts'

/** What amoCRM's own refusals mean for the person who has to act. `{area}` is what was asked for. */
export const MESSAGES: Readonly<Record<string, LocalizedText>> = {
  credentials_missing: {
    en: 'There is no access to amoCRM yet. Connect it through the consent page, or enter a long-lived token.',
    ru: 'Доступа к amoCRM ещё нет. Подключите её через страницу согласия или введите долгосрочный токен.',
  },
  address_missing: {
    en: 'The address of the {brand} account is missing. Enter it, for example {example}.',
    ru: 'Не указан адрес аккаунта {brand}. Введите его, например {example}.',
  },
  token_rejected: {
    en: '{brand} does not accept the token: it has expired or was revoked. Connect {brand} again or enter a new long-lived token, then test the connection.',
    ru: '{brand} не принимает токен: он истёк или отозван. Подключите {brand} заново или введите новый долгосрочный токен и проверьте подключение.',
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
    en: 'amoCRM does not accept the registration of this service. The operator has to check AMO_CRM_CLIENT_ID, AMO_CRM_CLIENT_SECRET and AMO_CRM_REDIRECT_URI, for Kommo those that begin with KOMMO_.',
    ru: 'amoCRM не принимает регистрацию этого сервиса. Оператору нужно проверить AMO_CRM_CLIENT_ID, AMO_CRM_CLIENT_SECRET и AMO_CRM_REDIRECT_URI, для Kommo — те, что начинаются с KOMMO_.',
  },
  account_missing: {
    en: 'There is no {brand} account at this address, or {brand} is down. If it was renamed, enter the new address.',
    ru: 'По этому адресу нет аккаунта {brand}, или {brand} не работает. Если аккаунт переименовали, введите новый адрес.',
  },
  subscription_ended: {
    en: 'The {brand} subscription does not cover this ({area}). If it is paid, nobody has to do anything: {brand} answers so for some minutes at times. Else renew or extend it, then test the connection again.',
    ru: 'Тариф {brand} закончился или этого не включает ({area}). Если он оплачен, делать ничего не нужно: {brand} иногда так отвечает несколько минут. Иначе продлите или расширьте его и проверьте подключение ещё раз.',
  },
  right_missing: {
    en: 'The {brand} user who gave access may not see this ({area}). Give that user the right, then test the connection again.',
    ru: 'У пользователя {brand}, который дал доступ, нет права это видеть ({area}). Дайте ему право и проверьте подключение ещё раз.',
  },
  blocked: {
    en: 'The front server of {brand} refuses access. That often passes by itself; if it stays, {brand} has blocked the account’s or our access for too many requests, and its support lifts the block. Then test the connection again.',
    ru: 'Входной сервер {brand} отказывает в доступе. Часто это проходит само; если нет, значит, {brand} заблокировала доступ из-за числа запросов, и блокировку снимает её поддержка. После этого проверьте подключение ещё раз.',
  },
  switched_off: {
    en: 'This is switched off in the {brand} account ({area}). Switch it on there, or take it out of “What counts as a sale”.',
    ru: 'В аккаунте {brand} это выключено ({area}). Включите это там или уберите из «Что считать продажей».',
  },
  filter_ignored: {
    en: 'The CRM answers without regard to the period that was asked for ({area}), so nothing was changed. Its support has to switch on API filters for the account.',
    ru: 'CRM отвечает, не учитывая запрошенный период ({area}), поэтому данные не изменены. Её поддержка должна включить фильтры API для аккаунта.',
  },
  inconsistent: {
    en: 'The CRM contradicts itself ({area}): one answer says there is nothing, another shows it. Nothing was changed.',
    ru: 'CRM противоречит сама себе ({area}): в одном ответе ничего нет, в другом запись есть. Данные не изменены.',
  },
  customers_off: {
    en: 'Customers are switched off in this account, so it has no purchases. Switch them on, or take purchases out of “What counts as a sale”.',
    ru: 'В этом аккаунте выключены «Покупатели», поэтому покупок нет. Включите их или уберите покупки из «Что считать продажей».',
  },
  no_invoices: {
    en: 'This account has no list of invoices. Create one, or take invoices out of “What counts as a sale”.',
    ru: 'В этом аккаунте нет списка «Счета». Создайте его или уберите счета из «Что считать продажей».',
  },
  unexpected_shape: {
    en: 'The answer has another shape than documented ({area}), as when something on the way to the CRM answers. If that lasts for hours, our support has to investigate.',
    ru: 'Ответ устроен не так, как описано ({area}): возможно, отвечает что-то по дороге к CRM. Если это длится часами, нужна помощь нашей поддержки.',
  },
}
