import type { Text } from '#crm/contract.ts'

/** What 1C's refusals mean for the person who has to act. `{set}` is the published set, `{field}` its field, `{code}` 1C's code. */
export const MESSAGES: Readonly<Record<string, Text>> = {
  credentials_missing: {
    en: 'The 1C user name or password is missing. Enter both and test the connection again.',
    ru: 'Не указано имя или пароль пользователя 1С. Введите их и проверьте подключение ещё раз.',
  },
  credentials_rejected: {
    en: '1C does not accept the user name or the password. Check both, and that the user has “1C:Enterprise authentication” switched on.',
    ru: '1С не принимает имя или пароль. Проверьте их, а также что у пользователя включена «Аутентификация 1С:Предприятия».',
  },
  right_missing: {
    en: 'The 1C user may not read {set}. Give it the right to read this object (and records, if access is limited by record), then test the connection again.',
    ru: 'Пользователю 1С нельзя читать {set}. Дайте право чтения этого объекта (и записей, если доступ ограничен по записям) и проверьте подключение ещё раз.',
  },
  documents_hidden: {
    en: 'The 1C user no longer sees documents that it saw before: its access was limited. Nothing was changed. Restore the right to read them, then test the connection again.',
    ru: 'Пользователь 1С больше не видит документы, которые видел раньше: его доступ ограничили. Ничего не изменено. Верните право чтения и проверьте подключение ещё раз.',
  },
  publication_missing: {
    en: 'There is no OData service at this address. Check the address of the publication, and that it is published with the standard OData interface.',
    ru: 'По этому адресу нет сервиса OData. Проверьте адрес публикации и то, что в ней включён стандартный интерфейс OData.',
  },
  not_json: {
    en: 'Instead of data the server sent a web page: the address is not that of the 1C publication, or the base is being updated. Check the address; if it is right, wait.',
    ru: 'Вместо данных сервер прислал веб-страницу: это не адрес публикации 1С или база обновляется. Проверьте адрес; если он верный, подождите.',
  },
  nothing_published: {
    en: 'The OData interface of the base is empty. In 1C open “Setup of the standard OData interface” and tick the documents and catalogs.',
    ru: 'Состав интерфейса OData пуст. Откройте в 1С «Настройка стандартного интерфейса OData» и отметьте документы и справочники.',
  },
  documents_unpublished: {
    en: 'None of the usual sales documents ({set}) is published. Tick them in “Setup of the standard OData interface”, or name your own in `documents`.',
    ru: 'Ни один из обычных документов продажи ({set}) не опубликован. Отметьте их в «Настройке стандартного интерфейса OData» или укажите свои в `documents`.',
  },
  set_unpublished: {
    en: '{set} is not published, or its name is misspelt. Tick it in “Setup of the standard OData interface” or correct the settings.',
    ru: '{set} не опубликован, или имя написано с ошибкой. Отметьте его в «Настройке стандартного интерфейса OData» или исправьте настройки.',
  },
  field_missing: {
    en: '{set} has no field {field}. Correct its name in `documents`: names are those that OData shows.',
    ru: 'В {set} нет поля {field}. Исправьте имя в `documents`: имена нужны такие, как в OData.',
  },
  operations_unknown: {
    en: 'None of the values that {field} of {set} has ({values}) is named in the settings as a sale or a refund. Correct `kind` in `documents`.',
    ru: 'Ни одно из значений поля {field} в {set} ({values}) не указано в настройках как продажа или возврат. Исправьте `kind` в `documents`.',
  },
  query_refused: {
    en: '1C refuses the query to {set} (code {code}). Check `filter`; if the base cannot filter or sort by date, set `serverFilter` or `orderBy` to false.',
    ru: '1С отклоняет запрос к {set} (код {code}). Проверьте `filter`; если база не умеет отбирать или сортировать по дате, поставьте `serverFilter` или `orderBy` в false.',
  },
  query_failed: {
    en: '1C could not carry out the query to {set} (code {code}). If that lasts for hours, show it to your 1C developer.',
    ru: '1С не смогла выполнить запрос к {set} (код {code}). Если это длится часами, покажите это вашему специалисту 1С.',
  },
  filter_ignored: {
    en: 'The base does not filter by date. Set `serverFilter` to false.',
    ru: 'База не отбирает документы по дате. Поставьте `serverFilter` в false.',
  },
  not_a_list: {
    en: 'The answer of 1C has another shape than documented ({set}). Support has to look.',
    ru: 'Ответ 1С устроен не так, как описано ({set}). Нужна помощь поддержки.',
  },
}
