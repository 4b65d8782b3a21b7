// The CRMs to choose from. Their forms are no vendor's, so that pictures of them change with the page alone.
import type { components } from '#client/schema.ts'

type CrmType = components['schemas']['CrmType']
type Credential = CrmType['credentials'][number]

const both = (ru: string, en: string) => ({ ru, en })

const KEY: Credential = {
  ...{ name: 'apiKey', required: true, isSecret: true, label: both('Ключ API', 'API key') },
  help: both('В настройках CRM, раздел «Доступ».', 'In the settings of the CRM, under Access.'),
}
const USER: Credential = {
  ...{ name: 'apiSecret', required: true, isSecret: false, label: both('Имя пользователя', 'User name') },
  help: both(
    'Отдельный пользователь только с правом чтения: его легко отключить, и он ничего не испортит.',
    'A user of its own who may only read: it is easily switched off, and can do no harm.',
  ),
}
const PASSWORD: Credential = {
  ...{ name: 'serverPassword', required: true, isSecret: true, label: both('Пароль', 'Password') },
  help: both('Этого пользователя.', 'Of that user.'),
}

const GUIDE = {
  ru: [
    'Откройте базу из интернета по https: адрес в локальной сети не подойдёт.',
    'Заведите отдельного пользователя с правом только на чтение.',
    'Введите адрес, имя и пароль и проверьте подключение.',
  ],
  en: [
    'Open the base to the internet over https: an address of your own network will not do.',
    'Create a user who may only read.',
    'Enter the address, the name and the password, and test the connection.',
  ],
}

const ADDRESS: CrmType['apiUrl'] = {
  ...{ required: true, default: null, label: both('Адрес базы', 'Address of the base') },
  help: both(
    'Как его показывает браузер: https://base.example.com/salon. Адрес в локальной сети не подойдёт.',
    'As the browser shows it: https://base.example.com/salon. An address of your own network will not do.',
  ),
}

const PLAIN: Omit<CrmType, 'crmType' | 'title'> = {
  ...{ minutes: 10, ways: [{ name: 'credentials', isAvailable: true }], guide: GUIDE, credentials: [KEY] },
  apiUrl: { ...ADDRESS, required: false, default: 'https://api.example.com' },
  ...{ additionalConfigSchema: { type: 'object', properties: {} }, settings: [] },
  capabilityTitles: [
    { name: 'credentials', title: both('Доступ', 'Access') },
    { name: 'records', title: both('Визиты', 'Visits') },
    { name: 'payments', title: both('Оплаты и продажи', 'Payments and sales') },
    { name: 'webhooks', title: both('Сообщения об изменениях', 'Messages of changes') },
  ],
  capabilities: { webhooks: true, backfill: true, fetchOne: true, imports: false },
}

export const CRM_TYPES: readonly CrmType[] = [
  { ...PLAIN, crmType: '1c', title: '1С', minutes: 30, apiUrl: ADDRESS, credentials: [USER, PASSWORD] },
  { ...PLAIN, crmType: 'amo_crm', title: 'amoCRM', ways: [{ name: 'consent', isAvailable: true }] },
  { ...PLAIN, crmType: 'csv', title: 'CSV', minutes: 5, ways: [{ name: 'upload', isAvailable: true }] },
  { ...PLAIN, crmType: 'iiko', title: 'iiko' },
  { ...PLAIN, crmType: 'renovatio', title: 'Renovatio' },
  { ...PLAIN, crmType: 'yclients', title: 'YCLIENTS', credentials: [KEY, PASSWORD] },
]
