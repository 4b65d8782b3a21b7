// Why deals, purchases and invoices count as they do. The mapping takes the status of each from here (crm/rules.ts).
import { applying, type Rules } from '#crm/rules.ts'

export const RULES = {
  lead_won: {
    outcome: 'paid',
    text: { en: 'the deal is won', ru: 'сделка успешно реализована' },
  },
  lead_at_paid_stage: {
    outcome: 'paid',
    text: {
      en: 'the deal stands at a stage that counts as paid by the settings ({stage})',
      ru: 'сделка на этапе, который по настройкам считается оплатой ({stage})',
    },
  },
  lead_deleted: {
    outcome: 'cancelled',
    text: { en: 'the deal was deleted', ru: 'сделка удалена' },
  },
  lead_lost: {
    outcome: 'cancelled',
    text: { en: 'the deal is closed and not won', ru: 'сделка закрыта и не реализована' },
  },
  lead_open: {
    outcome: 'unpaid',
    text: {
      en: 'the deal is open, at a stage that is not paid ({stage})',
      ru: 'сделка в работе, на этапе без оплаты ({stage})',
    },
  },
  lead_won_uncounted: {
    outcome: 'unpaid',
    text: {
      en: 'the deal is won, but in its pipeline ({pipeline}) other stages count as paid by the settings',
      ru: 'сделка успешно реализована, но по настройкам в её воронке ({pipeline}) оплатой считаются другие этапы',
    },
  },
  lead_other_pipeline: {
    outcome: 'unpaid',
    text: {
      en: 'the deal is won in a pipeline ({pipeline}) that the settings do not name',
      ru: 'сделка реализована в воронке ({pipeline}), которой нет в настройках',
    },
  },
  lead_no_sale: {
    outcome: 'unpaid',
    text: {
      en: 'the deal is not at a paid stage, and the rest of it cannot be read',
      ru: 'сделка не на оплаченном этапе, а остальное в ней не читается',
    },
  },
  lead_binned: {
    outcome: 'cancelled',
    text: { en: 'the deal is in the bin', ru: 'сделка в корзине' },
  },
  purchase_made: {
    outcome: 'paid',
    text: { en: 'the customer’s purchase is entered', ru: 'покупка клиента внесена' },
  },
  purchase_deleted: {
    outcome: 'cancelled',
    text: { en: 'the purchase was deleted', ru: 'покупка удалена' },
  },
  invoice_counted: {
    outcome: 'paid',
    text: {
      en: 'the invoice has the status “{status}”, which counts as paid by the settings',
      ru: 'у счёта статус «{status}», по настройкам он считается оплатой',
    },
  },
  invoice_not_counted: {
    outcome: 'unpaid',
    text: {
      en: 'the invoice has the status “{status}”, which does not count as paid by the settings',
      ru: 'у счёта статус «{status}», по настройкам он не считается оплатой',
    },
  },
  invoice_deleted: {
    outcome: 'cancelled',
    text: { en: 'the invoice was deleted', ru: 'счёт удалён' },
  },
  invoice_no_sale: {
    outcome: 'unpaid',
    text: {
      en: 'the invoice is not paid, and the rest of it cannot be read',
      ru: 'счёт не оплачен, а остальное в нём не читается',
    },
  },
  source_off: {
    outcome: 'skipped',
    text: {
      en: 'the settings do not name its source ({source}), so it is not read',
      ru: 'в настройках не выбран её источник ({source}), поэтому она не загружается',
    },
  },
  no_invoice_list: {
    outcome: 'unknown',
    text: { en: 'the account has no list of invoices (any more)', ru: 'в аккаунте нет (или больше нет) списка счетов' },
  },
} as const satisfies Rules

export const { decide, none } = applying(RULES)
