import type { Text } from '#crm/contract.ts'

/** What iiko's refusals mean for the person who has to act. `{request}` is the number that iiko's support asks for. */
export const MESSAGES: Readonly<Record<string, Text>> = {
  credentials_missing: {
    en: 'The API key is missing. Make one in iikoWeb → Cloud API settings, enter it and test the connection again.',
    ru: 'Не указан API-ключ. Создайте его в iikoWeb → «Настройки Cloud API», введите и проверьте подключение ещё раз.',
  },
  key_rejected: {
    en: 'iiko does not accept the API key: it is unknown, blocked, or older than its two years. Make a new one in iikoWeb → Cloud API settings and enter it. ({request})',
    ru: 'iiko не принимает API-ключ: он неизвестен, заблокирован или истёк его срок (не более двух лет). Создайте новый в iikoWeb → «Настройки Cloud API» и введите его. ({request})',
  },
  licence_ended: {
    en: 'The licence for iiko’s Cloud API has ended. Renew it with your iiko partner, then test the connection again. ({request})',
    ru: 'Лицензия на Cloud API закончилась. Продлите её у вашего партнёра iiko и проверьте подключение ещё раз. ({request})',
  },
  app_needed: {
    en: 'iiko takes an API key only together with an app now: enter the app id in the settings and the app’s secret as the second credential, or ask the operator to set up an app for all.',
    ru: 'iiko принимает API-ключ только вместе с приложением: укажите appId в настройках и clientSecret вторым ключом, либо попросите оператора завести общее приложение.',
  },
  app_rejected: {
    en: 'iiko does not accept the app’s id or secret. Check the app id, make a new secret at public-api.iikoweb.ru/portal and enter it. ({request})',
    ru: 'iiko не принимает appId или clientSecret. Проверьте appId, создайте новый секрет на public-api.iikoweb.ru/portal и введите его. ({request})',
  },
  no_organizations: {
    en: 'The API key is valid, but opens no restaurant. In iikoWeb → Cloud API settings → the key → Connected outlets tick the restaurants, then test the connection again.',
    ru: 'API-ключ верный, но не открывает ни одного ресторана. В iikoWeb → «Настройки Cloud API» → ключ → «Подключённые точки» отметьте рестораны и проверьте подключение ещё раз.',
  },
  organization_missing: {
    en: 'The API key does not open the restaurant {organization}. Connect it to the key in iikoWeb, or take it out of the settings.',
    ru: 'API-ключ не открывает ресторан {organization}. Подключите его к ключу в iikoWeb или уберите из настроек.',
  },
  right_missing: {
    en: 'iiko refuses access ({area}). In iikoWeb → Cloud API settings connect the restaurant to this key, then test the connection again. ({request})',
    ru: 'iiko отказывает в доступе ({area}). В iikoWeb → «Настройки Cloud API» подключите ресторан к этому ключу и проверьте подключение ещё раз. ({request})',
  },
  hall_unseen: {
    en: 'Sales at the till do not reach iiko’s cloud: only deliveries and orders made through the API arrive. To have them too, add iikoServer in the settings.',
    ru: 'Продажи на кассе в облако iiko не попадают: придут только доставки и заказы, созданные через API. Чтобы получать и их, укажите iikoServer в настройках.',
  },
  terminals_offline: {
    en: 'No till of the restaurant is online: orders arrive in the state that iiko knew last.',
    ru: 'Ни одна касса ресторана не на связи: заказы придут в том виде, в каком iiko знала их последними.',
  },
  busy: {
    en: 'iiko’s cloud is busy and did not answer in time. Nobody has to do anything. ({request})',
    ru: 'Облако iiko перегружено и не ответило вовремя. Делать ничего не нужно. ({request})',
  },
  request_rejected: {
    en: 'iiko rejected a request ({area}). Our support has to look; iiko’s support knows it as {request}.',
    ru: 'iiko отклонила запрос ({area}). Нужна помощь нашей поддержки; в поддержке iiko он известен как {request}.',
  },
  unexpected_shape: {
    en: 'The answer of iiko has another shape than documented ({area}). Our support has to look.',
    ru: 'Ответ iiko устроен не так, как описано ({area}). Нужна помощь нашей поддержки.',
  },
  server_login_rejected: {
    en: 'iikoServer does not accept the user or the password. Check both; the user must exist in iikoOffice and may be blocked there.',
    ru: 'iikoServer не принимает логин или пароль. Проверьте оба; пользователь должен быть заведён в iikoOffice и не заблокирован.',
  },
  server_login_later: {
    en: 'iikoServer, which let us in before, refuses the login. While it restarts that passes by itself; if the password was changed, enter the new one.',
    ru: 'iikoServer, который раньше пускал, отказывает во входе. Пока он перезапускается, это проходит само; если сменили пароль, введите новый.',
  },
  server_session_lost: {
    en: 'iikoServer forgot that it had let us in, as during a restart. Nobody has to do anything.',
    ru: 'iikoServer забыл, что впустил нас, как при перезапуске. Делать ничего не нужно.',
  },
  server_no_seat: {
    en: 'All connections of iikoServer’s API licence are taken. Log other programs out, or buy one more iikoAPIServer connection.',
    ru: 'Все подключения по лицензии API сервера iiko заняты. Отключите другие программы или купите ещё одно подключение iikoAPIServer.',
  },
  server_licence_missing: {
    en: 'iikoServer’s licence has no API of reports. Buy the iikoAPIServer licence from your iiko partner, or remove the server from the settings.',
    ru: 'В лицензии iikoServer нет API отчётов. Купите лицензию iikoAPIServer у партнёра iiko или уберите сервер из настроек.',
  },
  server_right_missing: {
    en: 'The user of iikoServer may not see OLAP reports. Give the right in iikoOffice → Access rights, then test the connection again.',
    ru: 'Пользователь iikoServer не видит OLAP-отчёты. Дайте право в iikoOffice → «Права доступа» и проверьте подключение ещё раз.',
  },
  server_fields_missing: {
    en: 'This iikoServer is too old: its sales report lacks {fields}. Update iiko, or remove the server from the settings.',
    ru: 'Этот iikoServer слишком старый: в отчёте по продажам нет {fields}. Обновите iiko или уберите сервер из настроек.',
  },
  server_report_failed: {
    en: 'iikoServer could not make the sales report. If that lasts for hours, ask your iiko partner.',
    ru: 'iikoServer не смог построить отчёт по продажам. Если это длится часами, обратитесь к партнёру iiko.',
  },
}
