import { COMMON, type ConnectForm } from '#crm/form.ts'
import type { Settings } from '#crm/iiko/settings.ts'

const { timezone, initialDays, adaptive } = COMMON

export const FORM: ConnectForm<Settings> = {
  apiUrl: null,
  minutes: 10,
  guide: {
    en: [
      'In iikoWeb, open “Cloud API settings”, “Add integration”. Make a key of its own for this service.',
      'Add the restaurants on the tab of connected outlets, and mark the tills on the tab of organizations.',
      'Enter the key, and test the connection. The report says which restaurants were found.',
    ],
    ru: [
      'Откройте iikoWeb → «Настройки Cloud API» → «Добавить интеграцию». Нужен отдельный ключ для этого сервиса.',
      'На вкладке «Подключённые точки» добавьте рестораны, на вкладке «Организации» отметьте кассы.',
      'Введите ключ и проверьте подключение. В отчёте будет видно, какие рестораны нашлись.',
    ],
  },
  settings: {
    organizationIds: {
      title: { en: 'Restaurants', ru: 'Рестораны' },
      help: {
        en: 'Their ids. Empty: all that the key opens.',
        ru: 'Их идентификаторы. Пусто: все, что открывает ключ.',
      },
    },
    appId: {
      title: { en: 'App id', ru: 'Идентификатор приложения' },
      help: {
        en: 'Only with an app of your own at public-api.iikoweb.ru.',
        ru: 'Только если у вас своё приложение на public-api.iikoweb.ru.',
      },
    },
    paidStatuses: {
      title: { en: 'Statuses of paid orders', ru: 'Статусы оплаченных заказов' },
      help: { en: 'Usually “Closed” alone.', ru: 'Обычно только «Закрыт».' },
      options: {
        Unconfirmed: { en: 'Unconfirmed', ru: 'Не подтверждён' },
        WaitCooking: { en: 'Waits for cooking', ru: 'Ждёт приготовления' },
        ReadyForCooking: { en: 'Ready for cooking', ru: 'Готов к приготовлению' },
        CookingStarted: { en: 'Being cooked', ru: 'Готовится' },
        CookingCompleted: { en: 'Cooked', ru: 'Приготовлен' },
        Waiting: { en: 'Waits for delivery', ru: 'Ждёт отправки' },
        OnWay: { en: 'On its way', ru: 'В пути' },
        Delivered: { en: 'Delivered', ru: 'Доставлен' },
        Closed: { en: 'Closed', ru: 'Закрыт' },
      },
    },
    excludedPaymentKinds: {
      title: { en: 'Payments that are no money', ru: 'Оплаты, которые не деньги' },
      help: {
        en: 'What was paid so is taken off the sum: write-offs, for example.',
        ru: 'Оплаченное так вычитается из суммы: например, списания.',
      },
    },
    departments: {
      title: { en: 'Outlets of the reports', ru: 'Точки из отчётов' },
      help: {
        en: 'Which outlet of the reports is which restaurant, for sales at the till.',
        ru: 'Какая точка из отчётов какому ресторану соответствует — для продаж на кассе.',
      },
    },
    server: {
      title: { en: 'iikoServer', ru: 'iikoServer' },
      help: {
        en: 'Its address and user, where the key may not read the cloud’s reports of sales at the till.',
        ru: 'Адрес и пользователь, если ключу не разрешены облачные отчёты о продажах на кассе.',
      },
    },
    timezone,
    initialDays,
    adaptive,
  },
  capabilities: {
    organizations: { en: 'Restaurants', ru: 'Рестораны' },
    payment_types: { en: 'Payment types', ru: 'Типы оплат' },
    deliveries: { en: 'Deliveries', ru: 'Доставка' },
    changes: { en: 'Changes of orders', ru: 'Изменения заказов' },
    terminals: { en: 'Tills', ru: 'Кассы' },
    table_orders: { en: 'Table orders', ru: 'Заказы за столами' },
    hall_sales: { en: 'Sales at the till', ru: 'Продажи на кассе' },
  },
}
