import type { LocalizedText } from '#crm/contract.ts'

const NO_SERVICE: LocalizedText = {
  en: 'There is no OData service at this address, or the base is being updated. Check the address, and that the base is published with the standard OData interface.',
  ru: 'По этому адресу нет сервиса OData, или база обновляется. Проверьте адрес и то, что база опубликована со стандартным интерфейсом OData.',
}

/**
 * What 1C's refusals mean for the person who has to act. `{set}` is the published set, `{field}` its field, `{code}`
 * 1C's error code.
 */
export const MESSAGES: Readonly<Record<string, LocalizedText>> = {
  connection: {
    en: 'The 1C server cannot be reached from the internet. It has to have a public address (no computer of a local network), port 443 open, and a certificate that an authority has issued (not one of your own making). If all that is so, its connection is down: nobody has to do anything but wait.',
    ru: 'До сервера 1С не достучаться из интернета. Нужны публичный адрес (компьютер в локальной сети не подойдёт), открытый порт 443 и сертификат от удостоверяющего центра (самоподписанный не подойдёт). Если всё это есть, значит, пропала связь: нужно только подождать.',
  },
  certificate: {
    en: 'The certificate of the 1C server is not valid: it has expired, belongs to another name, or is of your own making. Have it replaced by one that an authority has issued, such as Let’s Encrypt.',
    ru: 'Сертификат сервера 1С недействителен: истёк, выдан на другое имя или выпущен самостоятельно. Замените его сертификатом от удостоверяющего центра, например Let’s Encrypt.',
  },
  timeout: {
    en: 'The 1C server did not answer in time. If that is always so, its port 443 is closed to the internet, or the base is overloaded: ask your 1C developer.',
    ru: 'Сервер 1С не ответил вовремя. Если так всегда, порт 443 закрыт из интернета или база перегружена: обратитесь к специалисту 1С.',
  },
  credentials_rejected: {
    en: '1C does not accept the user name or the password. Check both, and that “1C:Enterprise authentication” is on for this user.',
    ru: '1С не принимает имя или пароль. Проверьте их и то, что у пользователя включена «Аутентификация 1С:Предприятия».',
  },
  right_missing: {
    en: 'The 1C user may not read {set}. Give it the right to read this object and its records, then test the connection again.',
    ru: 'Пользователю 1С нельзя читать {set}. Дайте право чтения этого объекта и его записей и проверьте подключение ещё раз.',
  },
  maintenance: {
    en: '1C bars logins at the moment, as during an update or a backup. Nobody has to do anything; if it lasts, ask your 1C developer to let users in again.',
    ru: '1С сейчас не пускает пользователей, как при обновлении или копировании базы. Делать ничего не нужно; если это затянется, попросите специалиста 1С снять блокировку сеансов.',
  },
  foreign_refusal: {
    en: 'The server in front of 1C refuses the request (code {code}), not 1C itself. If that lasts, check the address, and have your 1C developer look at the web server or proxy, which may ask for a password of its own.',
    ru: 'Запрос отклоняет не 1С, а сервер перед ней (код {code}). Если это затянется, проверьте адрес и попросите специалиста 1С проверить веб-сервер или прокси: он может требовать свой пароль.',
  },
  catalog_refused: {
    en: 'The 1C user may not read {set}. Sales arrive, but without what stands there (names, phones or cards; a currency is taken from the settings). Give it the right to read this object.',
    ru: 'Пользователю 1С нельзя читать {set}. Продажи приходят, но без того, что там указано (имена, телефоны или карты; валюта берётся из настроек). Дайте право чтения этого объекта.',
  },
  no_service: NO_SERVICE,
  not_json: NO_SERVICE,
  unpublished: {
    en: 'Not published: {set}. Tick it in 1C in “Setup of the standard OData interface”, or correct the settings.',
    ru: 'Не опубликовано: {set}. Отметьте это в 1С в «Настройке стандартного интерфейса OData» или исправьте настройки.',
  },
  field_missing: {
    en: '{set} has no field {field}. Correct the settings: names are those that OData shows.',
    ru: 'В {set} нет поля {field}. Исправьте настройки: имена нужны такие, как в OData.',
  },
  operations_unknown: {
    en: '{field} of {set} has only values that are neither a sale nor a refund ({values}). Correct in the settings, under “Documents”, what is a sale and what is a refund.',
    ru: 'В {set} у {field} только значения, которые не означают ни продажу, ни возврат ({values}). Исправьте в настройках, в «Документах», что считать продажей, а что возвратом.',
  },
  query_refused: {
    en: '1C refuses the query to {set} (code {code}). Check the selection under “Documents”; if the base cannot select or sort by date, switch off “The server selects by date” or “The server sorts”.',
    ru: '1С отклоняет запрос к {set} (код {code}). Проверьте отбор в «Документах»; если база не умеет отбирать или сортировать по дате, выключите «Отбор по дате на сервере» или «Сортировка на сервере».',
  },
}
