// Every issue that there can be, as data: how bad it is, who has to act, and what a person reads. A code is never
// renamed, since rows name it.
import type { LocalizedText } from '#crm/contract.ts'
import { describeError, fill } from '#crm/messages.ts'
import { CRM_ERROR_KINDS, type CrmError } from '#lib/crm-error.ts'

interface IssueKind {
  readonly severity: 'info' | 'warning' | 'error'
  readonly whoseTurn: 'nobody' | 'owner' | 'operator' | 'vendor'
  readonly title: LocalizedText
  /** `{cause}` is the sentence about the CRM's error; any other placeholder is a value of the issue. */
  readonly detail: LocalizedText
}

export const ISSUES = {
  connection_refused: {
    severity: 'error',
    whoseTurn: 'owner',
    title: { en: 'The CRM refuses access, and sync is off', ru: 'CRM отказывает в доступе, синхронизация выключена' },
    detail: { en: '{cause} Sync is switched off until then.', ru: '{cause} До этого синхронизация выключена.' },
  },
  refused_for_now: {
    severity: 'warning',
    whoseTurn: 'nobody',
    title: { en: 'The CRM refuses access for now', ru: 'CRM временно отказывает в доступе' },
    detail: {
      en: '{cause} Such a refusal often passes by itself, so sync goes on trying.',
      ru: '{cause} Такой отказ часто проходит сам, поэтому попытки продолжаются.',
    },
  },
  side_list_refused: {
    severity: 'warning',
    whoseTurn: 'owner',
    title: { en: 'A list of the CRM is left out', ru: 'Один из списков CRM не читается' },
    detail: {
      en: 'The CRM refuses the list “{list}”, so what it adds is missing; everything else is synced. {cause}',
      ru: 'CRM не даёт список «{list}», поэтому его данных нет; всё остальное синхронизируется. {cause}',
    },
  },
  nothing_readable: {
    severity: 'error',
    whoseTurn: 'operator',
    title: { en: 'Nothing that the CRM sends can be read', ru: 'Ничего из присланного CRM не удаётся разобрать' },
    detail: {
      en: 'A sync got {records} new records, and none of its records could be read. They are in quarantine and nothing is lost; our support has to investigate.',
      ru: 'Синхронизация получила новые записи ({records}), и ни одну запись не удалось разобрать. Они в карантине, ничего не потеряно; нужна помощь нашей поддержки.',
    },
  },
  records_unreadable: {
    severity: 'warning',
    whoseTurn: 'operator',
    title: { en: 'Some records of the CRM cannot be read', ru: 'Некоторые записи CRM не удаётся разобрать' },
    detail: {
      en: 'In quarantine: {records}. Everything else is synced; our support has to investigate.',
      ru: 'В карантине: {records}. Всё остальное синхронизируется; нужна помощь нашей поддержки.',
    },
  },
  brake: {
    severity: 'error',
    whoseTurn: 'owner',
    title: { en: 'A sync would change too many sales', ru: 'Синхронизация изменила бы слишком много продаж' },
    detail: { en: '{cause}', ru: '{cause}' },
  },
  mapping_unconfirmed: {
    severity: 'error',
    whoseTurn: 'owner',
    title: { en: 'A file of sales raises questions', ru: 'Файл с продажами вызывает вопросы' },
    detail: { en: '{cause}', ru: '{cause}' },
  },
  all_rejected: {
    severity: 'error',
    whoseTurn: 'owner',
    title: { en: 'No row of a file of sales could be read', ru: 'Ни одна строка файла с продажами не прочитана' },
    detail: {
      en: 'Rows that were rejected: {records}; each has its reason. {cause}',
      ru: 'Отклонено строк: {records}; у каждой указана причина. {cause}',
    },
  },
  archived_receipts_gone: {
    severity: 'info',
    whoseTurn: 'nobody',
    title: { en: 'Archived receipts are gone from the CRM', ru: 'Архивных чеков больше нет в CRM' },
    detail: {
      en: 'The CRM removes receipts after a shift has been closed. {records} of them stay here as they were.',
      ru: 'CRM удаляет чеки после закрытия смены. Здесь они остались как были: {records}.',
    },
  },
  install_expired: {
    severity: 'error',
    whoseTurn: 'owner',
    title: { en: 'A branch was not connected', ru: 'Филиал не подключён' },
    detail: {
      en: 'The marketplace waits for an hour after “Connect” was pressed for branch {branch}, and that hour is over. Press “Connect” there again.',
      ru: 'После нажатия «Подключить» для филиала {branch} маркетплейс ждёт час, и этот час прошёл. Нажмите там «Подключить» ещё раз.',
    },
  },
  app_uninstalled: {
    severity: 'error',
    whoseTurn: 'owner',
    title: { en: 'The app was disconnected in a branch', ru: 'Приложение в филиале отключено' },
    detail: {
      en: 'The app was disconnected in branch {branch}, so its sales are no longer synced; those that are here stay. Connect it again in the marketplace.',
      ru: 'В филиале {branch} приложение отключили, его продажи больше не загружаются; загруженные остаются. Подключите его снова в маркетплейсе.',
    },
  },
  app_frozen: {
    severity: 'warning',
    whoseTurn: 'owner',
    title: { en: 'The app is frozen in a branch', ru: 'Приложение в филиале заморожено' },
    detail: {
      en: 'The marketplace has frozen the app in branch {branch}: a payment there is due. Sync of the branch goes on by itself once it is paid.',
      ru: 'Маркетплейс заморозил приложение в филиале {branch}: там нужна оплата. После оплаты синхронизация филиала продолжится сама.',
    },
  },
  installs_missing: {
    severity: 'error',
    whoseTurn: 'operator',
    title: { en: 'A marketplace’s list lacks many branches', ru: 'В списке маркетплейса нет многих филиалов' },
    detail: {
      en: 'The list of {brand} lacks {missing} of {known} branches that have the app. That is too many for one night, so nothing was changed.',
      ru: 'В списке {brand} нет {missing} из {known} филиалов с приложением. Это слишком много за одну ночь, поэтому ничего не изменено.',
    },
  },
  vendor_trouble: {
    severity: 'error',
    whoseTurn: 'vendor',
    title: { en: 'A CRM refuses many businesses at once', ru: 'CRM отказывает сразу многим' },
    detail: {
      en: '{crmType} refused {refused} integrations within ten minutes. That is the vendor’s trouble: none is switched off, and all are tried again.',
      ru: '{crmType} за десять минут отказала стольким интеграциям: {refused}. Это неполадка у неё: ни одна не выключена, все пробуют снова.',
    },
  },
  crm_unavailable: {
    severity: 'warning',
    whoseTurn: 'vendor',
    title: { en: 'The CRM does not answer, and a sync failed', ru: 'CRM не отвечает, синхронизация не удалась' },
    detail: { en: '{cause} Sync goes on trying.', ru: '{cause} Попытки продолжаются.' },
  },
  settings_rejected: {
    severity: 'warning',
    whoseTurn: 'owner',
    title: { en: 'The CRM rejects what is requested', ru: 'CRM отклоняет запросы синхронизации' },
    detail: { en: '{cause} Sync goes on trying.', ru: '{cause} Попытки продолжаются.' },
  },
  sync_failed: {
    severity: 'error',
    whoseTurn: 'operator',
    title: { en: 'A sync failed', ru: 'Синхронизация не удалась' },
    detail: { en: '{cause} Sync goes on trying.', ru: '{cause} Попытки продолжаются.' },
  },
  backfill_failed: {
    severity: 'warning',
    whoseTurn: 'owner',
    title: { en: 'A past period was not pulled to its end', ru: 'Прошлый период загружен не до конца' },
    detail: {
      en: '{cause} What was pulled stays. Start the backfill again.',
      ru: '{cause} Загруженное сохранено. Запустите загрузку периода ещё раз.',
    },
  },
  data_late: {
    severity: 'warning',
    whoseTurn: 'nobody',
    title: { en: 'The sales are not up to date', ru: 'Данные о продажах устарели' },
    detail: {
      en: 'What the CRM has shown since {asOf} (UTC) is not here yet. It comes with the next sync that succeeds.',
      ru: 'Того, что CRM показала после {asOf} (UTC), здесь пока нет. Оно придёт со следующей удачной синхронизацией.',
    },
  },
  hooks_silent: {
    severity: 'warning',
    whoseTurn: 'owner',
    title: { en: 'The CRM sends no webhooks', ru: 'CRM не присылает вебхуки' },
    detail: {
      en: 'Syncs have found changes since {since} (UTC) that no webhook reported. Nothing is lost, but changes come later. Check the webhook settings in the CRM.',
      ru: 'С {since} (UTC) синхронизация находит изменения, о которых вебхуки не сообщили. Ничего не потеряно, но изменения приходят позже. Проверьте настройки вебхуков в CRM.',
    },
  },
  marketplace_uninstalled: {
    severity: 'error',
    whoseTurn: 'owner',
    title: {
      en: 'The app was removed at the vendor, and sync is off',
      ru: 'Приложение удалено в CRM, синхронизация выключена',
    },
    detail: {
      en: 'Somebody removed our app in the CRM. The sales stay. Install it again to go on.',
      ru: 'Наше приложение удалили в CRM. Продажи сохранены. Чтобы продолжить, установите его снова.',
    },
  },
  marketplace_frozen: {
    severity: 'warning',
    whoseTurn: 'owner',
    title: {
      en: 'The licence at the vendor has ended, and sync waits',
      ru: 'Лицензия CRM закончилась, синхронизация ждёт',
    },
    detail: {
      en: 'The CRM has frozen the account. Sync goes on by itself once the licence is paid.',
      ru: 'CRM заморозила аккаунт. Синхронизация продолжится сама, когда лицензию оплатят.',
    },
  },
  days_differ: {
    severity: 'warning',
    whoseTurn: 'operator',
    title: { en: 'Stored sales differ from the CRM', ru: 'Сохранённые продажи расходятся с CRM' },
    detail: {
      en: 'A check found days that differ: {days}. Start a repair of these days.',
      ru: 'Проверка нашла дни с расхождениями: {days}. Запустите исправление этих дней.',
    },
  },
  endpoint_disabled: {
    severity: 'error',
    whoseTurn: 'owner',
    title: { en: 'An endpoint for events is switched off', ru: 'Адрес для событий выключен' },
    detail: {
      en: '{url} has answered no event with 2xx for five days. Repair it and switch it on again.',
      ru: '{url} пять дней не отвечает на события кодом 2xx. Исправьте его и включите снова.',
    },
  },
} as const satisfies Readonly<Record<string, IssueKind>>

export type IssueCode = keyof typeof ISSUES

export interface NewIssue {
  readonly code: IssueCode
  /** Tells issues of one code apart. */
  readonly detailKey?: string
  readonly params?: Readonly<Record<string, string>>
}

/** An error as values of an issue, so that its sentence is always the present one. */
export function causeOf({ kind, reason, params }: Pick<CrmError, 'kind' | 'reason' | 'params'>) {
  return { ...params, kind, ...(reason !== null && { reason }) }
}

/** Title and detail in both languages; `own` is the connector's table of messages. */
export function describeIssue(
  code: IssueCode,
  params: Readonly<Record<string, string>>,
  own: Readonly<Record<string, LocalizedText>>,
): { readonly title: LocalizedText; readonly detail: LocalizedText } {
  const { title, detail } = ISSUES[code]
  const kind = CRM_ERROR_KINDS.find((one) => one === params['kind'])
  const cause = kind ? describeError({ kind, reason: params['reason'] ?? null, params }, own) : { en: '', ru: '' }
  const [en, ru] = [fill(detail.en, { ...params, cause: cause.en }), fill(detail.ru, { ...params, cause: cause.ru })]
  return { title, detail: { en, ru } }
}
