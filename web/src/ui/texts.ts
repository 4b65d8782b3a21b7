import { texts } from '#web/i18n/texts.ts'

export const CONTROLS = texts({
  optional: { en: '(optional)', ru: '(необязательно)' },
  show: { en: 'Show', ru: 'Показать' },
  hide: { en: 'Hide', ru: 'Скрыть' },
  close: { en: 'Close', ru: 'Закрыть' },
  again: { en: 'Try again', ru: 'Попробовать ещё раз' },
  failed: { en: 'This could not be loaded', ru: 'Не удалось загрузить' },
  notDone: { en: 'This was not done', ru: 'Не получилось' },
  unreached: {
    en: 'The service did not answer. Try again in a moment.',
    ru: 'Сервис не ответил. Попробуйте ещё раз чуть позже.',
  },
  request: { en: 'Number of the request: {id}', ru: 'Номер запроса: {id}' },
  loading: { en: 'Loading…', ru: 'Загружаем…' },
  copy: { en: 'Copy', ru: 'Скопировать' },
  copied: { en: 'Copied', ru: 'Скопировано' },
  copyOf: { en: 'Copy: {label}', ru: 'Скопировать: {label}' },
})
