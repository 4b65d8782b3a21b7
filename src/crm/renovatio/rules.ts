// Why invoices and visits count as they do. The mapping takes the status of each from here (crm/rules.ts).
import { applying, type Rules } from '#crm/rules.ts'

export const RULES = {
  invoice_paid: {
    outcome: 'paid',
    text: { en: 'the invoice is paid (status code 2)', ru: 'счёт оплачен (код статуса 2)' },
  },
  invoice_refunded_in_part: {
    outcome: 'paid',
    text: {
      en: 'the invoice is paid and some of it was given back (“{status}”), so it still counts',
      ru: 'счёт оплачен, и часть возвращена («{status}»), поэтому он по-прежнему считается',
    },
  },
  invoice_unpaid: {
    outcome: 'unpaid',
    text: {
      en: 'the invoice is not paid in full (status code {code}, not 2)',
      ru: 'счёт оплачен не полностью (код статуса {code}, а не 2)',
    },
  },
  invoice_voided: {
    outcome: 'cancelled',
    text: { en: 'the invoice was voided or refunded (“{status}”)', ru: 'счёт аннулирован или возвращён («{status}»)' },
  },
  invoice_deleted: {
    outcome: 'cancelled',
    text: { en: 'the invoice was deleted', ru: 'счёт удалён' },
  },
  visit_completed: {
    outcome: 'paid',
    text: {
      en: 'the visit is completed; the key may not read invoices, so that counts as paid',
      ru: 'визит завершён; ключ не даёт читать счета, поэтому это считается оплатой',
    },
  },
  visit_refused: {
    outcome: 'cancelled',
    text: { en: 'the visit was cancelled or moved', ru: 'визит отменён или перенесён' },
  },
  visit_open: {
    outcome: 'unpaid',
    text: { en: 'the visit is not completed yet', ru: 'визит ещё не завершён' },
  },
  invoice_elsewhere: {
    outcome: 'skipped',
    text: {
      en: 'the invoice is of a clinic that is not chosen, is counted by its visit already, or is no sale yet',
      ru: 'счёт другой клиники (не из выбранных), уже учтён по его визиту или ещё не продажа',
    },
  },
  visit_by_invoices: {
    outcome: 'skipped',
    text: {
      en: 'visits are not counted themselves here, their invoices are',
      ru: 'сами визиты здесь не считаются, считаются их счета',
    },
  },
  invoices_closed: {
    outcome: 'unknown',
    text: {
      en: 'the key may not read invoices, so visits are counted; look for the visit behind this invoice',
      ru: 'ключ не даёт читать счета, поэтому считаются визиты; смотрите визит этого счёта',
    },
  },
  visits_closed: {
    outcome: 'unknown',
    text: { en: 'the key may not read visits', ru: 'ключ не даёт читать визиты' },
  },
  not_shown: {
    outcome: 'unknown',
    text: {
      en: 'Renovatio does not show it; right after a change it may answer so, and only two whole scans without it count as gone',
      ru: 'Реновацио её не показывает; так бывает сразу после изменений, поэтому исчезнувшей она считается после двух полных проходов без неё',
    },
  },
} as const satisfies Rules

export const { decide, none } = applying(RULES)
