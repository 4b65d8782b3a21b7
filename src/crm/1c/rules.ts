// Why documents count as they do. The mapping takes the status of each from here (crm/rules.ts).
import { applying, type Rules } from '#crm/rules.ts'

export const RULES = {
  marked_deleted: {
    outcome: 'cancelled',
    text: { en: 'the document is marked for deletion', ru: 'документ помечен на удаление' },
  },
  operation_other: {
    outcome: 'cancelled',
    text: {
      en: 'the document’s operation “{operation}” is neither a sale nor a refund',
      ru: 'операция документа «{operation}» – не продажа и не возврат',
    },
  },
  outside_filter: {
    outcome: 'cancelled',
    text: {
      en: 'the document does not (or no longer) match the filter of the settings',
      ru: 'документ не подходит (или больше не подходит) под отбор из настроек',
    },
  },
  status_cancelled: {
    outcome: 'cancelled',
    text: {
      en: 'the receipt has the status “{status}”: it was annulled',
      ru: 'статус чека «{status}»: он аннулирован',
    },
  },
  status_unpaid: {
    outcome: 'unpaid',
    text: {
      en: 'the receipt has the status “{status}”: it is not rung up',
      ru: 'статус чека «{status}»: он не пробит',
    },
  },
  status_paid: {
    outcome: 'paid',
    text: {
      en: 'the receipt has the status “{status}”: it is rung up, whether it is posted or not',
      ru: 'статус чека «{status}»: он пробит, проведён он или нет',
    },
  },
  status_of_settings: {
    outcome: 'paid',
    text: {
      en: 'the document has the status “{status}”, which the settings name as paid',
      ru: 'статус документа «{status}», в настройках он указан как оплата',
    },
  },
  archived: {
    outcome: 'paid',
    text: {
      en: 'the receipt was archived when its shift was closed, so it is paid, whether it is posted or not',
      ru: 'чек ушёл в архив при закрытии смены, значит, он оплачен, проведён он или нет',
    },
  },
  archived_empty: {
    outcome: 'unpaid',
    text: {
      en: 'the receipt was archived and has lost its lines and its sum before it was seen, so its money is not known',
      ru: 'чек ушёл в архив и потерял строки и сумму раньше, чем его увидели, поэтому его сумма неизвестна',
    },
  },
  posted: {
    outcome: 'paid',
    text: { en: 'the document is posted', ru: 'документ проведён' },
  },
  not_posted: {
    outcome: 'unpaid',
    text: { en: 'the document is not posted', ru: 'документ не проведён' },
  },
  not_closed: {
    outcome: 'unpaid',
    text: {
      en: 'the document is posted but not closed yet: its field {field} is empty',
      ru: 'документ проведён, но ещё не закрыт: поле {field} пустое',
    },
  },
  requirement_unmet: {
    outcome: 'unpaid',
    text: {
      en: 'the field {field} has another value than the settings require of a paid document',
      ru: 'в поле {field} не то значение, которого настройки требуют от оплаченного документа',
    },
  },
  archived_gone: {
    outcome: 'unknown',
    text: {
      en: '1C has removed the receipt after its shift ({day}), as it does with archived ones; that takes nothing back',
      ru: '1С убрала чек после закрытия смены ({day}), как убирает архивные; продажу это не отменяет',
    },
  },
  hidden: {
    outcome: 'unknown',
    text: {
      en: 'the 1C user of this connection may not see the document',
      ru: 'пользователю 1С этого подключения документ не виден',
    },
  },
  set_unread: {
    outcome: 'skipped',
    text: {
      en: 'documents of this kind ({set}) are not read: they are not published, or are not among the sales of this configuration',
      ru: 'документы этого вида ({set}) не загружаются: они не опубликованы или не считаются продажами этой конфигурации',
    },
  },
} as const satisfies Rules

export const { decide, none } = applying(RULES)
