import type { LocalizedText } from '#crm/contract.ts'

/** What iiko's refusals mean for the person who has to act. `{request}` is the number that iiko's support needs. */
export const MESSAGES: Readonly<Record<string, LocalizedText>> = {
  credentials_missing: {
    en: 'The API key is missing. Make one in iikoWeb → Cloud API settings and enter it.',
    ru: 'Не указан API-ключ. Создайте его в iikoWeb → «Настройки Cloud API» и введите.',
  },
  key_rejected: {
    en: 'iiko does not accept the API key: it is unknown, blocked or has expired (keys live two years). Make a new one in iikoWeb → Cloud API settings and enter it. ({request})',
    ru: 'iiko не принимает API-ключ: он неизвестен, заблокирован или истёк (ключи живут два года). Создайте новый в iikoWeb → «Настройки Cloud API» и введите. ({request})',
  },
  licence_ended: {
    en: 'The licence for iiko’s Cloud API has ended. Renew it with your iiko partner. ({request})',
    ru: 'Лицензия на Cloud API закончилась. Продлите её у партнёра iiko. ({request})',
  },
  app_needed: {
    en: 'iiko wants an app beside the API key: enter its app id in the settings and its secret, or ask the operator for an app for all.',
    ru: 'iiko требует приложение вместе с API-ключом: укажите appId в настройках и clientSecret, либо попросите оператора завести общее приложение.',
  },
  app_rejected: {
    en: 'iiko does not accept the app’s id or secret. Check the id; make a new secret at public-api.iikoweb.ru/portal and enter it. ({request})',
    ru: 'iiko не принимает appId или clientSecret. Проверьте appId, создайте новый секрет на public-api.iikoweb.ru/portal и введите. ({request})',
  },
  no_organizations: {
    en: 'The API key opens no restaurant. Tick the restaurants in iikoWeb → Cloud API settings → the key → Connected outlets.',
    ru: 'API-ключ не открывает ни одного ресторана. Отметьте их в iikoWeb → «Настройки Cloud API» → ключ → «Подключённые точки».',
  },
  organization_missing: {
    en: 'The API key does not open the restaurant {organization}. Connect it to the key in iikoWeb, or take it out of the settings.',
    ru: 'API-ключ не открывает ресторан {organization}. Подключите его к ключу в iikoWeb или уберите из настроек.',
  },
  right_missing: {
    en: 'iiko refuses access ({area}). Connect the restaurant to the key in iikoWeb → Cloud API settings. ({request})',
    ru: 'iiko отказывает в доступе ({area}). Подключите ресторан к ключу в iikoWeb → «Настройки Cloud API». ({request})',
  },
  reports_refused: {
    en: 'The API key may no longer read sales reports in iiko’s cloud, so sales at the till are not seen. Give it that right in iikoWeb → Cloud API settings, or add iikoServer in the settings. ({request})',
    ru: 'API-ключ больше не может читать отчёты по продажам в облаке iiko, поэтому продаж на кассе не видно. Верните право в iikoWeb → «Настройки Cloud API» или укажите iikoServer в настройках. ({request})',
  },
  hall_unseen: {
    en: 'Sales at the till are not seen: the API key may not read the sales reports of iiko’s cloud, and without them only deliveries and orders made through the API arrive. To have them too, give the key that right, or add iikoServer in the settings.',
    ru: 'Продаж на кассе не видно: API-ключ не может читать отчёты по продажам в облаке iiko, а без них приходят только доставки и заказы через API. Чтобы получать и их, дайте ключу это право или укажите iikoServer в настройках.',
  },
  outlets_unknown: {
    en: 'The settings choose some of the restaurants, and none of the outlets in iiko’s reports has the name of one of them, so sales at the till are not read. Name the outlets in the settings (departments).',
    ru: 'В настройках выбраны не все рестораны, а в отчётах iiko нет точек с их названиями, поэтому продажи на кассе не читаются. Укажите точки в настройках (departments).',
  },
  terminals_offline: {
    en: 'No till is online: orders arrive as iiko knew them last.',
    ru: 'Ни одна касса не на связи: заказы придут такими, какими iiko знала их последними.',
  },
  busy: {
    en: 'iiko’s cloud is busy. Nobody has to do anything. ({request})',
    ru: 'Облако iiko перегружено. Делать ничего не нужно. ({request})',
  },
  request_rejected: {
    en: 'iiko rejected a request ({area}). Our support has to investigate; iiko’s support knows it as {request}.',
    ru: 'iiko отклонила запрос ({area}). Нужна помощь нашей поддержки; в поддержке iiko он известен как {request}.',
  },
  unexpected_shape: {
    en: 'The answer of iiko has another shape than documented ({area}). If that lasts for hours, our support has to investigate.',
    ru: 'Ответ iiko устроен не так, как описано ({area}). Если это длится часами, нужна помощь нашей поддержки.',
  },
  server_login_rejected: {
    en: 'iikoServer does not accept the user or the password. Check both; the user may be blocked in iikoOffice.',
    ru: 'iikoServer не принимает логин или пароль. Проверьте оба; пользователь может быть заблокирован в iikoOffice.',
  },
  server_login_later: {
    en: 'iikoServer, which let us in before, refuses the login. After a restart that passes by itself; if the password was changed, enter the new one.',
    ru: 'iikoServer, который раньше пускал, отказывает во входе. После перезапуска это проходит само; если сменили пароль, введите новый.',
  },
  server_session_lost: {
    en: 'iikoServer was restarted. Nobody has to do anything.',
    ru: 'iikoServer перезапустили. Делать ничего не нужно.',
  },
  server_no_seat: {
    en: 'All connections of iikoServer’s API licence are taken. Log other programs out, or buy one more connection.',
    ru: 'Все подключения по лицензии API iikoServer заняты. Отключите другие программы или купите ещё одно подключение.',
  },
  server_licence_missing: {
    en: 'iikoServer’s licence has no API. Buy iikoAPIServer from your iiko partner, or remove the server from the settings.',
    ru: 'В лицензии iikoServer нет API. Купите iikoAPIServer у партнёра iiko или уберите сервер из настроек.',
  },
  server_right_missing: {
    en: 'The user of iikoServer may not see OLAP reports. Give the right in iikoOffice → Access rights.',
    ru: 'Пользователь iikoServer не видит OLAP-отчёты. Дайте право в iikoOffice → «Права доступа».',
  },
  report_fields_missing: {
    en: 'This iiko is too old: its sales report lacks {fields}. Update iiko, or do without sales at the till.',
    ru: 'Эта iiko слишком старая: в отчёте по продажам нет {fields}. Обновите iiko или откажитесь от продаж на кассе.',
  },
  server_page: {
    en: 'At the address of iikoServer something else answers. Check the address; if it is right, the server is being restarted or serviced, and nobody has to do anything.',
    ru: 'По адресу iikoServer отвечает что-то другое. Проверьте адрес; если он верный, сервер перезапускают или обслуживают, и делать ничего не нужно.',
  },
  server_report_failed: {
    en: 'iikoServer could not make the sales report. If that lasts for hours, ask your iiko partner.',
    ru: 'iikoServer не смог построить отчёт по продажам. Если это длится часами, обратитесь к партнёру iiko.',
  },
}
