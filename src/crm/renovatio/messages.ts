import type { Text } from '#crm/contract.ts'

/** What Renovatio's own refusals mean for the person who has to act. `{method}` is the method of its API. */
export const MESSAGES: Readonly<Record<string, Text>> = {
  credentials_missing: {
    en: 'The API key is missing. Enter it and test the connection again.',
    ru: 'Не указан ключ API. Введите его и проверьте подключение ещё раз.',
  },
  key_rejected: {
    en: 'Renovatio does not accept the API key. Copy it again from the settings of Renovatio, enter it and test the connection.',
    ru: 'Реновацио не принимает ключ API. Скопируйте его ещё раз из настроек Реновацио, введите и проверьте подключение.',
  },
  right_missing: {
    en: 'The API key has no right to {method}. Allow this method for the key in Renovatio, then test the connection again.',
    ru: 'У ключа API нет права на метод {method}. Разрешите этот метод ключу в Реновацио и проверьте подключение ещё раз.',
  },
  nothing_readable: {
    en: 'The API key may read neither invoices nor visits. Allow getInvoices (and better getAppointments too) for the key in Renovatio, then test the connection again.',
    ru: 'Ключ API не может читать ни счета, ни визиты. Разрешите ключу в Реновацио метод getInvoices (а лучше и getAppointments) и проверьте подключение ещё раз.',
  },
  method_missing: {
    en: 'This version of Renovatio has no method {method}. Check the address; if it is right, ask Renovatio’s support for an update.',
    ru: 'В этой версии Реновацио нет метода {method}. Проверьте адрес; если он верный, попросите поддержку Реновацио обновить систему.',
  },
  not_renovatio: {
    en: 'There is no Renovatio API at this address. It usually ends with /api/public: correct it in the settings.',
    ru: 'По этому адресу нет API Реновацио. Обычно адрес заканчивается на /api/public: исправьте его в настройках.',
  },
  request_refused: {
    en: 'Renovatio refused the request {method} (code {code}). Check the clinic numbers in the settings; if they are right, our support has to look.',
    ru: 'Реновацио отклонила запрос {method} (код {code}). Проверьте номера клиник в настройках; если они верны, нужна помощь нашей поддержки.',
  },
  unexpected_shape: {
    en: 'The answer of Renovatio to {method} has another shape than known. Nothing was changed; our support has to look.',
    ru: 'Ответ Реновацио на {method} устроен не так, как известно. Данные не изменены; нужна помощь нашей поддержки.',
  },
  clinic_missing: {
    en: 'Renovatio has no clinic with the number {ids}. Take the numbers from this report and correct the settings. There are: {known}.',
    ru: 'В Реновацио нет клиники с номером {ids}. Исправьте настройки по номерам из этого отчёта. Есть: {known}.',
  },
  connection: {
    en: 'The connection to Renovatio failed or broke off. A clinic’s own server needs a public address on port 443 and a certificate of a known authority: self-signed ones are not accepted.',
    ru: 'Не удалось соединиться с Реновацио, или связь оборвалась. Собственному серверу клиники нужен публичный адрес на порту 443 и сертификат известного центра: самоподписанный не подойдёт.',
  },
}

/** What the connection test found, where nothing is refused. */
export const FOUND = {
  key: { en: 'The API key is accepted.', ru: 'Ключ API принят.' },
  readable: { en: 'Readable.', ru: 'Доступно.' },
  visitsOnly: {
    en: 'The API key may not read invoices (getInvoices). Sync works without them: a completed visit counts as a sale, but nobody confirms that it was paid. Allow getInvoices for the key in Renovatio to count payments.',
    ru: 'Ключ API не может читать счета (getInvoices). Синхронизация работает без них: продажей считается завершённый визит, но его оплата не подтверждена. Чтобы учитывать оплаты, разрешите ключу в Реновацио метод getInvoices.',
  },
  phones: { en: 'Patients’ phones are visible.', ru: 'Телефоны пациентов видны.' },
  noPhones: {
    en: 'Patients’ phones are not visible: sales arrive, but cannot be matched to a customer by phone. Allow getAppointments or getPatient for the key in Renovatio.',
    ru: 'Телефоны пациентов не видны: продажи придут, но без телефона. Разрешите ключу в Реновацио метод getAppointments или getPatient.',
  },
} satisfies Readonly<Record<string, Text>>
