import { texts } from '#web/i18n/texts.ts'

export const TEXTS = texts({
  title: { en: 'Finishing the connection', ru: 'Завершаем подключение' },
  working: { en: 'The access is taken up and tested…', ru: 'Принимаем доступ и проверяем его…' },
  failed: { en: 'The connection was not finished', ru: 'Подключение не завершено' },
  denied: {
    en: 'The access was not allowed. Nothing is connected.',
    ru: 'Доступ не разрешили. Ничего не подключено.',
  },
  notGiven: {
    en: 'The CRM sent you back without the access. Nothing is connected.',
    ru: 'CRM вернула вас без доступа. Ничего не подключено.',
  },
  lost: {
    en: 'It was interrupted, and what the CRM gave is used up.',
    ru: 'Оно прервалось, и то, что дала CRM, уже не действует.',
  },
  again: { en: 'Begin again', ru: 'Начать заново' },
})
