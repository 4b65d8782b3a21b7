import { COMMON, type ConnectForm } from '#crm/form.ts'
import { both } from '#lib/localized.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

export const FORM: ConnectForm<Settings> = {
  apiUrl: {
    label: { en: 'Address of the account', ru: 'Адрес аккаунта' },
    help: {
      en: 'As the browser shows it: https://company.amocrm.ru or https://company.kommo.com.',
      ru: 'Как его показывает браузер: https://company.amocrm.ru или https://company.kommo.com.',
    },
  },
  minutes: 10,
  guide: {
    en: [
      'The easiest way is the consent page: sign in to amoCRM as an administrator and allow access.',
      'Or create an external integration in amoMarket, and a long-lived token on its tab “Keys and scopes”.',
      'Enter the address of the account and the token, and test the connection.',
    ],
    ru: [
      'Проще всего через страницу согласия: войдите в amoCRM как администратор и разрешите доступ.',
      'Или создайте в «amoМаркете» внешнюю интеграцию, а на её вкладке «Ключи и доступы» — долгосрочный токен.',
      'Введите адрес аккаунта и токен и проверьте подключение.',
    ],
  },
  settings: {
    brand: {
      isMain: true,
      title: { en: 'amoCRM or Kommo', ru: 'amoCRM или Kommo' },
      options: { amocrm: both('amoCRM'), kommo: both('Kommo') },
    },
    sources: {
      title: { en: 'What counts as a sale', ru: 'Что считать продажей' },
      help: {
        en: 'Won deals, customers’ purchases or paid invoices: what the business keeps its money in.',
        ru: 'Успешные сделки, покупки клиентов или оплаченные счета — то, в чём вы ведёте деньги.',
      },
      options: {
        leads: { en: 'Won deals', ru: 'Успешные сделки' },
        purchases: { en: 'Customers’ purchases', ru: 'Покупки клиентов' },
        invoices: { en: 'Paid invoices', ru: 'Оплаченные счета' },
      },
    },
    pipelineIds: {
      title: { en: 'Pipelines', ru: 'Воронки' },
      help: {
        en: 'The numbers after /leads/pipeline/ in the address. Left out: all pipelines.',
        ru: 'Числа после /leads/pipeline/ в адресе. Если не указаны: все воронки.',
      },
    },
    paidStatusIds: {
      title: { en: 'Stages that count as paid', ru: 'Этапы, которые означают оплату' },
      help: {
        en: 'For each pipeline the numbers of its stages. Elsewhere only won deals count.',
        ru: 'Для каждой воронки номера её этапов. В остальных считаются только успешные сделки.',
      },
    },
    invoicePaidStatuses: {
      title: { en: 'Statuses of paid invoices', ru: 'Статусы оплаченных счетов' },
      options: {
        paid: { en: 'Paid', ru: 'Оплачен' },
        partially_paid: { en: 'Paid in part', ru: 'Оплачен частично' },
        paid_in_advance: { en: 'Paid in advance', ru: 'Предоплата' },
      },
    },
    ...COMMON,
  },
  capabilities: {
    leads: { en: 'Deals', ru: 'Сделки' },
    leads_page_2: { en: 'Deals, second page', ru: 'Сделки, вторая страница' },
    deleted_leads: { en: 'Deleted deals', ru: 'Удалённые сделки' },
    events: { en: 'Events', ru: 'События' },
    contacts: { en: 'Contacts', ru: 'Контакты' },
    purchases: { en: 'Customers’ purchases', ru: 'Покупки клиентов' },
    invoices: { en: 'Invoices', ru: 'Счета' },
  },
}
