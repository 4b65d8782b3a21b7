import type { LocalizedText } from '#crm/contract.ts'

/** What Renovatio's refusals mean for the person who has to act. `{method}` is the method of its API. */
export const MESSAGES: Readonly<Record<string, LocalizedText>> = {
  credentials_missing: {
    en: 'The API key is missing. Enter it and test the connection.',
    ru: 'Не указан ключ API. Введите его и проверьте подключение.',
  },
  key_rejected: {
    en: 'Renovatio does not accept the API key. Copy it again in Renovatio, enter it and test the connection.',
    ru: 'Реновацио не принимает ключ API. Скопируйте его в Реновацио ещё раз, введите и проверьте подключение.',
  },
  right_missing: {
    en: 'The API key has no right to {method}. Allow it for the key in Renovatio and test the connection.',
    ru: 'У ключа API нет права на метод {method}. Разрешите его ключу в Реновацио и проверьте подключение.',
  },
  nothing_readable: {
    en: 'The API key may read neither invoices nor visits. Allow getInvoices, better also getAppointments, for the key in Renovatio and test the connection.',
    ru: 'Ключ API не может читать ни счета, ни визиты. Разрешите ключу в Реновацио getInvoices, лучше и getAppointments, и проверьте подключение.',
  },
  method_missing: {
    en: 'This version of Renovatio has no method {method}. Check the address; if it is right, ask Renovatio’s support.',
    ru: 'В этой версии Реновацио нет метода {method}. Проверьте адрес; если он верный, обратитесь в поддержку Реновацио.',
  },
  refused_alone: {
    en: '{method} is refused, by Renovatio or by a server before it, while other methods are answered. Allow it for the key in Renovatio; if it is allowed there, ask the administrator of your server.',
    ru: 'Метод {method} отклоняется самой Реновацио или сервером перед ней, а другие методы отвечают. Разрешите его ключу в Реновацио; если он разрешён, обратитесь к администратору вашего сервера.',
  },
  foreign_refusal: {
    en: 'Not Renovatio but something before it (a proxy, a firewall, a web server) refused {method} with status {status}. Nothing was changed. If that lasts, check that the address ends with /api/public, and ask the administrator of the server.',
    ru: 'Метод {method} со статусом {status} отклонила не Реновацио, а что-то перед ней (прокси, защита, веб-сервер). Данные не изменены. Если это длится, проверьте, что адрес заканчивается на /api/public, и обратитесь к администратору сервера.',
  },
  not_envelope: {
    en: 'Something else than Renovatio answered {method}. Nothing was changed. If that lasts, check that the address ends with /api/public.',
    ru: 'На {method} ответила не Реновацио. Данные не изменены. Если это длится, проверьте, что адрес заканчивается на /api/public.',
  },
  request_refused: {
    en: 'Renovatio refused the request {method} (code {code}). Check the clinic numbers in the settings; if they are right, our support has to investigate.',
    ru: 'Реновацио отклонила запрос {method} (код {code}). Проверьте номера клиник в настройках; если они верны, нужна помощь нашей поддержки.',
  },
  unexpected_shape: {
    en: 'The answer of Renovatio to {method} has another shape than known. Nothing was changed; our support has to investigate.',
    ru: 'Ответ Реновацио на {method} устроен не так, как известно. Данные не изменены; нужна помощь нашей поддержки.',
  },
  clinic_missing: {
    en: 'Renovatio has no clinic with the number {ids}. Correct it in the settings. There are: {known}.',
    ru: 'В Реновацио нет клиники с номером {ids}. Исправьте номер в настройках. Есть: {known}.',
  },
  connection: {
    en: 'The connection to Renovatio failed or broke off. A clinic’s own server needs a public address on port 443 and a certificate of a known authority: self-signed ones are not accepted.',
    ru: 'Не удалось соединиться с Реновацио, или связь оборвалась. Собственному серверу клиники нужен публичный адрес на порту 443 и сертификат известного центра: самоподписанный не подойдёт.',
  },
}

/** What the connection test found, when nothing is refused. */
export const FOUND = {
  key: { en: 'The API key is accepted.', ru: 'Ключ API принят.' },
  readable: { en: 'Readable.', ru: 'Доступно.' },
  visitsOnly: {
    en: 'The API key may not read invoices. Sync works without them: a completed visit counts as a sale, but nobody confirms that it was paid. To count payments, allow getInvoices for the key in Renovatio.',
    ru: 'Ключ API не может читать счета. Синхронизация работает без них: продажей считается завершённый визит, но его оплата не подтверждена. Чтобы учитывать оплаты, разрешите ключу в Реновацио getInvoices.',
  },
} satisfies Readonly<Record<string, LocalizedText>>

export const PHONES: { readonly visible: LocalizedText; readonly hidden: LocalizedText } = {
  visible: { en: 'Patients’ phones are visible.', ru: 'Телефоны пациентов видны.' },
  hidden: {
    en: 'Patients’ phones are not visible: sales arrive, but cannot be matched to a customer by phone. Allow getAppointments or getPatient for the key in Renovatio.',
    ru: 'Телефоны пациентов не видны: продажи придут без них. Разрешите ключу в Реновацио getAppointments или getPatient.',
  },
}
