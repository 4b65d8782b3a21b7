import { COMMON, type ConnectForm } from '#crm/form.ts'
import { both } from '#lib/localized.ts'
import type { Settings } from '#crm/yclients/settings.ts'

export const FORM: ConnectForm<Settings> = {
  apiUrl: null,
  minutes: 10,
  guide: {
    en: [
      'Open the branch in YCLIENTS. The number after /timetable/ in the address of the page is the branch id.',
      'Register at developer.yclients.com, create an app and connect your branch to it. The partner token is in the app’s card.',
      'Create a separate user in YCLIENTS who may see the journal, finances and client phones, and get its user token.',
      'Enter the id and both tokens, and test the connection.',
    ],
    ru: [
      'Откройте филиал в YCLIENTS. Число после /timetable/ в адресе страницы — номер филиала.',
      'Зарегистрируйтесь на developer.yclients.com, создайте приложение и подключите к нему свой филиал. Токен партнёра — в карточке приложения.',
      'Заведите в YCLIENTS отдельного пользователя с правом видеть журнал записи, финансы и телефоны клиентов и получите его токен.',
      'Введите номер и оба токена и проверьте подключение.',
    ],
  },
  settings: {
    companyId: {
      isMain: true,
      title: { en: 'Branch id', ru: 'Номер филиала' },
      help: {
        en: 'The number after /timetable/ in the address of the branch.',
        ru: 'Число после /timetable/ в адресе страницы филиала.',
      },
    },
    companyIds: {
      title: { en: 'Branch ids', ru: 'Номера филиалов' },
      help: {
        en: 'Instead of one id, when there are several branches.',
        ru: 'Вместо одного номера, если филиалов несколько.',
      },
    },
    brand: {
      isMain: true,
      options: { yclients: both('YCLIENTS'), altegio: both('Altegio') },
      title: { en: 'YCLIENTS or Altegio', ru: 'YCLIENTS или Altegio' },
      help: { en: 'Altegio is YCLIENTS outside Russia.', ru: 'Altegio — это YCLIENTS за пределами России.' },
    },
    ...COMMON,
  },
  capabilities: {
    account: { en: 'Branch', ru: 'Филиал' },
    records: { en: 'Visits', ru: 'Визиты' },
    records_page_2: { en: 'Visits, second page', ru: 'Визиты, вторая страница' },
    transactions: { en: 'Payments and sales', ru: 'Оплаты и продажи' },
    sale_documents: { en: 'Sale documents', ru: 'Документы продаж' },
    'branch_*': { en: 'Branch', ru: 'Филиал' },
  },
}
