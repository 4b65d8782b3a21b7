import { COMMON, type ConnectForm } from '#crm/form.ts'
import type { Settings } from '#crm/1c/settings.ts'

const yes = { en: 'Usually on.', ru: 'Обычно включено.' }

export const FORM: ConnectForm<Settings> = {
  apiUrl: {
    label: { en: 'Address of the base', ru: 'Адрес базы' },
    help: {
      en: 'As the browser shows it, on the internet and with https: https://1c.example.com/base. An address in a local network does not work.',
      ru: 'Как его показывает браузер, в интернете и с https: https://1c.example.com/base. Адрес в локальной сети не подойдёт.',
    },
  },
  minutes: 30,
  guide: {
    en: [
      'Publish the base on a web server with the standard OData interface, on the internet and with https.',
      'Name the receipts, counterparties and cards in the content of the OData interface.',
      'Create a user of its own in 1C that may only read, with a password.',
      'Enter the address, the user, the password and the time zone of the server, and test the connection.',
    ],
    ru: [
      'Опубликуйте базу на веб-сервере со стандартным интерфейсом OData, с доступом из интернета и по https.',
      'Включите в состав интерфейса OData чеки, контрагентов и карты.',
      'Заведите в 1С отдельного пользователя с паролем и правом только на чтение.',
      'Введите адрес, пользователя, пароль и часовой пояс сервера и проверьте подключение.',
    ],
  },
  settings: {
    timezone: {
      isMain: true,
      title: { en: 'Time zone of the server', ru: 'Часовой пояс сервера' },
      help: {
        en: 'The clock of the 1C server: dates in 1C name no zone.',
        ru: 'Часы сервера 1С: в датах 1С пояса нет.',
      },
    },
    currency: COMMON.currency,
    preset: {
      title: { en: 'Configuration', ru: 'Конфигурация' },
      help: { en: 'Found by itself when left out.', ru: 'Если не указана, определится сама.' },
      options: {
        auto: { en: 'By itself', ru: 'Определить автоматически' },
        retail: { en: 'Retail', ru: 'Розница' },
        unf: { en: 'Small business (УНФ)', ru: 'Управление нашей фирмой' },
        ut: { en: 'Trade management (УТ, КА, ERP)', ru: 'Управление торговлей (и КА, ERP)' },
        bp: { en: 'Accounting (БП)', ru: 'Бухгалтерия предприятия' },
      },
    },
    documents: {
      title: { en: 'Documents', ru: 'Документы' },
      help: {
        en: 'Which documents are sales, for configurations that were changed.',
        ru: 'Какие документы считать продажами — для доработанных конфигураций.',
      },
    },
    cardIsPhone: {
      title: { en: 'A card’s number is the phone', ru: 'Номер карты — это телефон' },
      help: { en: 'When cards are issued by phone number.', ru: 'Если карты выдают по номеру телефона.' },
    },
    initialDays: COMMON.initialDays,
    adaptive: COMMON.adaptive,
    overlapDays: {
      title: { en: 'Days read again', ru: 'За сколько дней перечитывать' },
      help: {
        en: 'At every sync, for late and changed receipts.',
        ru: 'При каждой синхронизации, ради поздних и исправленных чеков.',
      },
    },
    rescanDays: {
      title: { en: 'Days read again at night', ru: 'За сколько дней перечитывать ночью' },
      help: {
        en: 'For receipts that were changed or deleted later.',
        ru: 'Ради чеков, которые исправили или удалили позже.',
      },
    },
    pageSize: {
      title: { en: 'Rows in a request', ru: 'Строк в одном запросе' },
      help: { en: 'Less for a slow server.', ru: 'Меньше, если сервер медленный.' },
    },
    allowedOnly: {
      title: { en: 'Only what the user may see', ru: 'Только то, что разрешено пользователю' },
      help: yes,
    },
    serverFilter: { title: { en: 'The server selects by date', ru: 'Отбор по дате на сервере' }, help: yes },
    orderBy: { title: { en: 'The server sorts', ru: 'Сортировка на сервере' }, help: yes },
  },
  capabilities: {
    publication: { en: 'Publication', ru: 'Публикация' },
    catalogs: { en: 'Catalogs', ru: 'Справочники' },
    'Document_*': { en: 'Documents', ru: 'Документы' },
  },
}
