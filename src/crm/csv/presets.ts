// Common exports as data: what their headers mean where their words alone do not say it, or only after a question.
// Each is known by headers that it must have; names are those of the vendors' own help pages.
import type { Format } from '#crm/files.ts'

/** A common export, known by the headers that it must have. */
export interface Preset extends Format {
  /** Headers that other exports with these have and this one has not. */
  readonly not?: readonly string[]
}

/** YCLIENTS and Altegio: the articles that an account has from the beginning. */
const SALON_ARTICLES = {
  sale: ['Оказание услуг', 'Продажа товаров', 'Продажа абонементов', 'Продажа сертификатов', 'Services', 'Goods'],
  refund: ['Возврат средств клиенту', 'Возврат клиенту'],
  // A top-up is paid out of later, as a sale of its own.
  ignore: [
    ...['Пополнение счета', 'Пополнение счёта', 'Прочие доходы', 'Прочие расходы', 'Перемещение', 'Инкассация'],
    ...['Закупка материалов', 'Закупка товаров', 'Зарплата персонала', 'Налоги и сборы', 'Аренда', 'Реклама'],
  ],
}

export const PRESETS: readonly Preset[] = [
  {
    // A payment's refunds have its transaction's id and a payment id of their own.
    name: 'Square: transactions',
    header: [
      'Date',
      'Time',
      'Gross Sales',
      'Net Sales',
      'Total Collected',
      'Transaction ID',
      'Payment ID',
      'Event Type',
    ],
    settings: {
      mapping: {
        id: 'Payment ID',
        date: 'Date',
        time: 'Time',
        amount: 'Total Collected',
        kind: 'Event Type',
        status: null,
      },
    },
    answers: [],
  },
  {
    name: 'Square: items',
    header: ['Date', 'Time', 'Item', 'Qty', 'Gross Sales', 'Net Sales', 'Tax', 'Transaction ID', 'Event Type'],
    not: ['Total Collected'],
    settings: {
      mapping: { id: 'Transaction ID', date: 'Date', time: 'Time', amount: ['Net Sales', 'Tax'], kind: 'Event Type' },
      rows: 'lines',
    },
    answers: [],
  },
  {
    // The further goods of an order stand in rows of their own, in which only its name, mail and day are repeated.
    name: 'Shopify: orders',
    header: ['Name', 'Financial Status', 'Paid at', 'Fulfillment Status', 'Total', 'Created at', 'Lineitem name'],
    settings: {
      mapping: { id: 'Name', date: 'Created at', amount: 'Total', status: 'Financial Status', kind: null },
      words: { paid: ['partially_refunded'], unpaid: ['pending', 'authorized', 'partially_paid'] },
    },
    answers: [],
  },
  {
    name: 'Shopify: transactions',
    header: ['Order', 'Name', 'Kind', 'Gateway', 'Created At', 'Status', 'Amount', 'Currency'],
    settings: {
      mapping: {
        id: 'Order',
        date: 'Created At',
        amount: 'Amount',
        currency: 'Currency',
        kind: 'Kind',
        status: 'Status',
      },
      words: { sale: ['sale', 'capture'], refund: ['refund'], ignore: ['authorization', 'void', 'change'] },
    },
    answers: [],
  },
  {
    // A shop puts an order into processing when it is paid.
    name: 'WooCommerce: orders',
    header: ['Order Number', 'Order Status', 'Order Date', 'Order Total Amount'],
    settings: {
      mapping: { id: 'Order Number', date: 'Order Date', amount: 'Order Total Amount', status: 'Order Status' },
      words: { paid: ['Processing'], unpaid: ['On hold', 'Pending payment'] },
    },
    answers: [],
  },
  {
    name: 'WooCommerce: analytics',
    header: ['Date', 'Order #', 'N. Revenue', 'Status', 'Customer type'],
    settings: {
      mapping: { id: 'Order #', date: 'Date', amount: 'N. Revenue', status: 'Status' },
      words: { paid: ['processing'], unpaid: ['on-hold', 'pending'] },
    },
    answers: [],
  },
  {
    name: 'Stripe: balance',
    header: ['id', 'Type', 'Source', 'Amount', 'Fee', 'Net', 'Currency', 'Created (UTC)', 'Available On (UTC)'],
    settings: {
      mapping: { id: 'id', date: 'Created (UTC)', amount: 'Amount', currency: 'Currency', kind: 'Type', status: null },
      words: {
        sale: ['charge', 'payment'],
        refund: ['refund', 'payment_refund'],
        ignore: [
          'payout',
          'stripe_fee',
          'adjustment',
          'transfer',
          'topup',
          'network_cost',
          'tax_fee',
          'payout_failure',
        ],
      },
    },
    answers: [],
  },
  {
    name: 'YCLIENTS: финансовые операции',
    header: ['Дата', 'Касса', 'Статья', 'Контрагент', 'Сумма'],
    settings: { mapping: { date: 'Дата', amount: 'Сумма', kind: 'Статья', name: 'Контрагент' }, words: SALON_ARTICLES },
    answers: [],
  },
  {
    name: 'Altegio: payments',
    header: ['Date', 'Account', 'Payment item', 'Client', 'Amount'],
    settings: {
      mapping: { date: 'Date', amount: 'Amount', kind: 'Payment item', name: 'Client' },
      words: SALON_ARTICLES,
    },
    answers: [],
  },
  {
    // What came for a visit, not what it costs.
    name: 'YCLIENTS: записи',
    header: ['ID записи', 'Дата визита', 'Стоимость', 'Оплачено', 'Статус визита'],
    settings: {
      mapping: { id: 'ID записи', date: 'Дата визита', amount: 'Оплачено', status: 'Статус визита' },
      words: { paid: ['Клиент пришел', 'Клиент пришёл'], unpaid: ['Ожидание клиента', 'Клиент подтвердил'] },
    },
    answers: [],
  },
  {
    name: 'DIKIDI: журнал записей',
    header: ['Дата', 'Время', 'Клиент', 'Услуга', 'Специалист', 'Сумма', 'Статус'],
    settings: {
      mapping: { date: 'Дата', time: 'Время', amount: 'Сумма', status: 'Статус', name: 'Клиент' },
      words: { paid: ['Выполнено', 'Завершено'], unpaid: ['Ожидает', 'Подтверждено'] },
    },
    answers: [],
  },
  {
    name: 'Эвотор: чеки',
    header: ['Терминал', 'Дата и время', 'Тип операции', 'Номер чека', 'Сумма без скидки', 'Сумма'],
    settings: {
      mapping: { id: 'Номер чека', till: 'Терминал', date: 'Дата и время', amount: 'Сумма', kind: 'Тип операции' },
    },
    answers: [],
  },
  {
    // What is shipped is sold.
    name: 'МойСклад: отгрузки',
    header: ['№', 'Время', 'Контрагент', 'Сумма', 'Оплачено', 'Возвраты', 'Статус'],
    settings: { mapping: { date: 'Время', amount: 'Сумма' }, words: { paid: ['Отгружен', 'Отгружено', 'Доставлен'] } },
    answers: [],
  },
  {
    name: 'Poster: чеки',
    header: ['№ чека', 'Официант', 'Открыт', 'Закрыт', 'Оплачено'],
    settings: { mapping: { id: '№ чека', date: 'Закрыт', amount: 'Оплачено' } },
    answers: [],
  },
  {
    // The cash day of a restaurant ends after midnight: the sale is when the check was closed.
    name: 'r_keeper: чеки',
    header: ['Кассовый день', 'Номер чека', 'Закрыт', 'Сумма оплаты'],
    settings: { mapping: { id: 'Номер чека', date: 'Закрыт', amount: 'Сумма оплаты' } },
    answers: [],
  },
  {
    name: 'iiko: OLAP по чекам',
    header: ['Учетный день', 'Номер чека', 'Время закрытия'],
    settings: { mapping: { id: 'Номер чека', date: 'Время закрытия', time: null } },
    answers: [],
  },
  {
    name: 'Quick Resto: заказы',
    header: ['Номер заказа', 'Дата открытия', 'Дата закрытия', 'Сумма к оплате', 'Статус'],
    settings: { mapping: { id: 'Номер заказа', date: 'Дата закрытия', amount: 'Сумма к оплате', status: 'Статус' } },
    answers: [],
  },
  {
    // Prices of the list are not what was paid; logistics and fines are rows without a sale.
    name: 'Wildberries: реализация',
    header: ['Обоснование для оплаты', 'Дата продажи', 'Вайлдберриз реализовал Товар (Пр)', 'Srid'],
    settings: {
      mapping: {
        ...{ id: 'Srid', date: 'Дата продажи', amount: 'Вайлдберриз реализовал Товар (Пр)' },
        ...{ kind: 'Обоснование для оплаты', quantity: null },
      },
      words: { ignore: ['Логистика', 'Хранение', 'Штраф', 'Удержание', 'Платная приемка', 'Возмещение издержек'] },
      rows: 'sales',
    },
    answers: [],
  },
]
