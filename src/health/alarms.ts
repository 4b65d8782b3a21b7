// The alarms, worst first. Each code has a section in docs/operations.md.
import type { LocalizedText } from '#lib/localized.ts'

export const ALARMS = {
  wrong_keys: {
    en: 'A key of the service does not open what it sealed here, or is missing. New Workers do not start.',
    ru: 'Ключ сервиса не открывает то, что им запечатано, или его нет. Новые экземпляры не запускаются.',
  },
  pending_migrations: {
    en: 'The database has fewer migrations than this Worker needs. Run `npm run db:migrate` with the owner’s role.',
    ru: 'В базе меньше миграций, чем нужно этой версии. Запустите `npm run db:migrate` с ролью владельца.',
  },
  queue_unreachable: {
    en: 'The queue does not answer. Runs go on by the sweep, at the pace of the cron.',
    ru: 'Очередь не отвечает. Запуски продолжаются раз в минуту, по расписанию.',
  },
  run_silent: {
    en: 'An active run has given no sign of life for more than 10 minutes. The sweep should have sent it again.',
    ru: 'Активный запуск больше 10 минут не подаёт признаков жизни, и его не отправили заново.',
  },
  schedule_late: {
    en: 'Integrations are due for more than 5 minutes. The cron does not tick or cannot write.',
    ru: 'Синхронизации ждут больше 5 минут. Расписание не срабатывает или не может писать в базу.',
  },
  queue_backlog: {
    en: 'The oldest message in the queue is older than 20 minutes. The consumer does not keep up.',
    ru: 'Самому старому сообщению в очереди больше 20 минут. Обработка не успевает.',
  },
  inbox_late: {
    en: 'A webhook has been due for more than 10 minutes. No worker processes its inbox, or its vendor does not answer.',
    ru: 'Вебхук ждёт больше 10 минут. Его никто не обрабатывает, или не отвечает CRM.',
  },
  events_late: {
    en: 'Events for an endpoint have been due for more than 10 minutes, and no worker sends them.',
    ru: 'События для получателя ждут больше 10 минут, и никто их не отправляет.',
  },
  hooks_refused: {
    en: 'More than 5 % of the webhooks of a CRM were not answered with 200. Some vendors block the address from 10 % on.',
    ru: 'Больше 5 % вебхуков одной CRM получили не 200. Некоторые CRM блокируют адрес начиная с 10 %.',
  },
  dead_letters: {
    en: 'The queue gave up messages within the last day. Their runs record it.',
    ru: 'За последние сутки очередь отказалась от сообщений. Это отмечено в их запусках.',
  },
  vendor_trouble: {
    en: 'A CRM refuses many integrations at once. Nobody is switched off, and all are tried again. Check what the vendor says.',
    ru: 'CRM отказывает сразу многим. Никто не выключен, все пробуют снова. Проверьте, что сообщает CRM.',
  },
  connections_lost: {
    en: 'Within the last day a CRM has refused integrations for good, and their sync is off. Their owners have to act.',
    ru: 'За последние сутки CRM окончательно отказала интеграциям, их синхронизация выключена. Нужны действия владельцев.',
  },
  installs_missing: {
    en: 'The list of a marketplace is empty or lacks more than 5 % of the branches that have our app. Nothing was changed. Check the list.',
    ru: 'Список маркетплейса пуст, или в нём нет больше 5 % филиалов с нашим приложением. Ничего не изменено. Проверьте список.',
  },
  history_unprepared: {
    en: 'The history of sales or the audit has no partition for the month after next. The nightly work does not make them.',
    ru: 'У истории продаж или журнала действий нет раздела на месяц после следующего. Ночная работа их не создаёт.',
  },
  sales_late: {
    en: 'For half an hour the sales of 20 or more integrations, and of more than 1 % of those that sync, have been older than promised.',
    ru: 'Уже полчаса продажи не меньше 20 интеграций и больше 1 % всех включённых старше обещанного срока.',
  },
  integrations_failing: {
    en: 'Five or more integrations have failed three or more times in a row. Check whether a vendor is down.',
    ru: 'Не меньше пяти интеграций не синхронизировались три раза подряд или больше. Проверьте, работает ли CRM.',
  },
  quarantine_growing: {
    en: 'More than 100 records went into quarantine within the last day. A vendor may have changed its format.',
    ru: 'За последние сутки в карантин попало больше 100 записей. Возможно, CRM изменила формат.',
  },
} as const satisfies Readonly<Record<string, LocalizedText>>

export type AlarmCode = keyof typeof ALARMS
