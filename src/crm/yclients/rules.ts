// Why visits and sales count as they do. The mapping takes the status of each from here (crm/rules.ts).
import { applying, type Rules } from '#crm/rules.ts'

export const RULES = {
  visit_deleted: {
    outcome: 'cancelled',
    text: { en: 'the visit was deleted', ru: 'визит удалён' },
  },
  visit_no_show: {
    outcome: 'cancelled',
    text: { en: 'the visit is marked “did not come”', ru: 'визит отмечен «не пришёл»' },
  },
  visit_paid: {
    outcome: 'paid',
    text: { en: 'the visit is marked “came” and is paid in full', ru: 'визит отмечен «пришёл» и оплачен полностью' },
  },
  visit_paid_deposit: {
    outcome: 'paid',
    text: {
      en: 'the visit is marked “came” and is paid in full, some of it from the client’s deposit, which counts as money',
      ru: 'визит отмечен «пришёл» и оплачен полностью, часть – со счёта клиента, это тоже деньги',
    },
  },
  visit_paid_loyalty: {
    outcome: 'paid',
    text: {
      en: 'the visit is marked “came” and is paid in full; what bonuses, a certificate or an abonement paid is not counted, the money for it is',
      ru: 'визит отмечен «пришёл» и оплачен полностью; оплаченное бонусами, сертификатом или абонементом не считается, считаются деньги',
    },
  },
  visit_paid_unlisted: {
    outcome: 'paid',
    text: {
      en: 'the visit is marked “came” and is paid in full; the payments themselves are not shown, so the sum due counts',
      ru: 'визит отмечен «пришёл» и оплачен полностью; сами оплаты не видны, поэтому считается сумма к оплате',
    },
  },
  visit_paid_in_part: {
    outcome: 'unpaid',
    text: {
      en: 'the visit is marked “came” but is not paid in full',
      ru: 'визит отмечен «пришёл», но оплачен не полностью',
    },
  },
  visit_unpaid: {
    outcome: 'unpaid',
    text: { en: 'the visit is marked “came” but is not paid', ru: 'визит отмечен «пришёл», но не оплачен' },
  },
  visit_prepaid: {
    outcome: 'unpaid',
    text: {
      en: 'the visit is paid but not marked “came” yet',
      ru: 'визит оплачен, но ещё не отмечен «пришёл»',
    },
  },
  visit_confirmed: {
    outcome: 'unpaid',
    text: {
      en: 'the client has confirmed the visit, but it is not marked “came” yet',
      ru: 'клиент подтвердил визит, но отметки «пришёл» ещё нет',
    },
  },
  visit_waiting: {
    outcome: 'unpaid',
    text: { en: 'the visit still waits for the client', ru: 'визит ещё ожидает клиента' },
  },
  visit_attendance_unknown: {
    outcome: 'unpaid',
    text: {
      en: 'the visit has an unknown mark of attendance ({attendance}), which does not count as “came”',
      ru: 'у визита неизвестная отметка о посещении ({attendance}), она не считается отметкой «пришёл»',
    },
  },
  sale_paid: {
    outcome: 'paid',
    text: {
      en: 'the sale without an appointment has payments, and what was paid counts',
      ru: 'у продажи без записи есть оплаты, считается оплаченное',
    },
  },
  sale_paid_deposit: {
    outcome: 'paid',
    text: {
      en: 'the sale without an appointment is paid, some of it from the client’s deposit, which counts as money',
      ru: 'продажа без записи оплачена, часть – со счёта клиента, это тоже деньги',
    },
  },
  sale_emptied: {
    outcome: 'cancelled',
    text: {
      en: 'nothing is left of the sale: no payment and no document with one',
      ru: 'от продажи ничего не осталось: ни оплат, ни документа с оплатой',
    },
  },
  operation_top_up: {
    outcome: 'skipped',
    text: {
      en: 'the money tops up a client’s deposit; it counts when something is bought with it',
      ru: 'это пополнение счёта клиента; деньги считаются, когда на них что-то куплено',
    },
  },
  operation_outgoing: {
    outcome: 'skipped',
    text: { en: 'the operation brings no money', ru: 'операция не приносит денег' },
  },
  operation_deleted: {
    outcome: 'skipped',
    text: { en: 'the operation was deleted', ru: 'операция удалена' },
  },
  operation_of_visit: {
    outcome: 'skipped',
    text: {
      en: 'the money is for a visit (record:{record}) and counts there',
      ru: 'это оплата визита (record:{record}), она считается там',
    },
  },
  operation_manual: {
    outcome: 'skipped',
    text: {
      en: 'the income was entered by hand, without a sale document and without a visit',
      ru: 'доход внесён вручную, без документа продажи и без визита',
    },
  },
  operation_other_income: {
    outcome: 'skipped',
    text: {
      en: 'the money is other income: it is for no service, product, certificate or abonement',
      ru: 'это прочий доход: не за услугу, товар, сертификат или абонемент',
    },
  },
  sale_incomplete: {
    outcome: 'unknown',
    text: {
      en: 'YCLIENTS does not show the whole sale at the moment, so its state is unknown',
      ru: 'YCLIENTS сейчас показывает продажу не целиком, поэтому её состояние неизвестно',
    },
  },
  not_alone: {
    outcome: 'unknown',
    text: {
      en: 'a single operation is not read alone; look at its sale or its visit',
      ru: 'отдельная операция не читается сама по себе; смотрите её продажу или визит',
    },
  },
  visit_other: {
    outcome: 'unknown',
    text: { en: 'YCLIENTS showed another visit in its place', ru: 'YCLIENTS вместо этого визита показала другой' },
  },
  branch_left: {
    outcome: 'unknown',
    text: {
      en: 'the sale is of branch {branch}, which is not in the settings any more',
      ru: 'продажа филиала {branch}, которого больше нет в настройках',
    },
  },
} as const satisfies Rules

export const { decide, none } = applying(RULES)
