// What a sale is called, wherever one is shown.
import { texts } from '#web/i18n/texts.ts'

export const SALE_TEXTS = texts({
  'statuses.paid': { en: 'paid', ru: 'оплачено' },
  'statuses.unpaid': { en: 'not paid', ru: 'не оплачено' },
  'statuses.cancelled': { en: 'cancelled', ru: 'отменено' },
  'kinds.sale': { en: 'sale', ru: 'продажа' },
  'kinds.refund': { en: 'refund', ru: 'возврат' },
})
