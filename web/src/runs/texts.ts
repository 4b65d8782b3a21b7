import { texts } from '#web/i18n/texts.ts'

export const TEXTS = texts({
  label: { en: 'Progress of the sync', ru: 'Ход загрузки' },
  queued: { en: 'It is about to begin.', ru: 'Сейчас начнётся.' },
  waiting: { en: 'A pause. It goes on by itself at {at}.', ru: 'Пауза. Продолжим сами в {at}.' },
  running: { en: 'Records read: {records}', ru: 'Прочитано записей: {records}' },
  changed: { en: 'Done. New or changed sales: {sales}', ru: 'Готово. Новых и изменённых продаж: {sales}' },
  compared: { en: 'Done. The day is compared.', ru: 'Готово. Сверка закончена.' },
  nothingNew: { en: 'Done. There is nothing new.', ru: 'Готово. Нового нет.' },
  failed: { en: 'It ended with an error: {message}', ru: 'Закончилось ошибкой: {message}' },
  cancelled: { en: 'It was stopped.', ru: 'Остановлено.' },
})
