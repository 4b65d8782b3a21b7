// Why orders and receipts count as they do. The mapping takes the status of each from here (crm/rules.ts).
import { applying, type Rules } from '#crm/rules.ts'

export const RULES = {
  order_paid: {
    outcome: 'paid',
    text: {
      en: 'the order has the status “{status}”, which counts as paid by the settings',
      ru: 'у заказа статус «{status}», по настройкам он считается оплатой',
    },
  },
  order_paid_in_part: {
    outcome: 'paid',
    text: {
      en: 'the order has the status “{status}”, which counts as paid; payments of the excluded kinds are not counted as money',
      ru: 'у заказа статус «{status}», он считается оплатой; оплаты исключённых видов деньгами не считаются',
    },
  },
  order_open: {
    outcome: 'unpaid',
    text: {
      en: 'the order has the status “{status}”, which does not count as paid',
      ru: 'у заказа статус «{status}», он не считается оплатой',
    },
  },
  order_cancelled: {
    outcome: 'cancelled',
    text: { en: 'the order was cancelled', ru: 'заказ отменён' },
  },
  order_deleted: {
    outcome: 'cancelled',
    text: { en: 'the order was deleted', ru: 'заказ удалён' },
  },
  order_moved: {
    outcome: 'cancelled',
    text: {
      en: 'the order was moved and goes on as another one ({order})',
      ru: 'заказ перенесён и продолжается как другой ({order})',
    },
  },
  order_not_created: {
    outcome: 'skipped',
    text: {
      en: 'the order was not created at the till ({creation}), so it is no sale',
      ru: 'заказ не создан на кассе ({creation}), поэтому это не продажа',
    },
  },
  order_empty: {
    outcome: 'skipped',
    text: { en: 'iiko shows no order behind this id yet', ru: 'iiko ещё не показывает сам заказ под этим номером' },
  },
  receipt_closed: {
    outcome: 'paid',
    text: { en: 'the receipt of the till is closed', ru: 'чек на кассе закрыт' },
  },
  receipt_closed_in_part: {
    outcome: 'paid',
    text: {
      en: 'the receipt of the till is closed; payments of the excluded kinds are not counted as money',
      ru: 'чек на кассе закрыт; оплаты исключённых видов деньгами не считаются',
    },
  },
  receipt_returned: {
    outcome: 'paid',
    text: { en: 'the receipt is a return', ru: 'это чек возврата' },
  },
  receipt_deleted: {
    outcome: 'cancelled',
    text: { en: 'all lines of the receipt were deleted', ru: 'все строки чека удалены' },
  },
  receipt_open: {
    outcome: 'skipped',
    text: { en: 'the receipt is still open', ru: 'чек ещё не закрыт' },
  },
  order_not_shown: {
    outcome: 'unknown',
    text: {
      en: 'iiko does not show the order; it promises to show orders of the last seven days only, so that alone does not mean that it is gone',
      ru: 'iiko не показывает заказ; она обещает показывать заказы только за последние семь дней, так что это не значит, что его нет',
    },
  },
  receipt_not_shown: {
    outcome: 'unknown',
    text: {
      en: 'the sales report of {day} does not show the receipt',
      ru: 'в отчёте о продажах за {day} этого чека нет',
    },
  },
  receipt_day_needed: {
    outcome: 'unknown',
    text: {
      en: 'iiko finds a receipt by its day alone, and nothing is stored of this one: name the day of the sale',
      ru: 'iiko находит чек только по дню, а об этом чеке ничего не сохранено: укажите день продажи',
    },
  },
  reports_unused: {
    outcome: 'unknown',
    text: {
      en: 'receipts of the till are not read: neither the cloud’s reports nor iikoServer are available',
      ru: 'чеки кассы не читаются: недоступны ни отчёты облака, ни iikoServer',
    },
  },
  restaurant_left: {
    outcome: 'unknown',
    text: {
      en: 'the restaurant is not among those that are connected',
      ru: 'этого ресторана нет среди подключённых',
    },
  },
} as const satisfies Rules

export const { decide, none } = applying(RULES)
