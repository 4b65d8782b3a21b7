import { texts } from '#web/i18n/texts.ts'

export const TEXTS = texts({
  title: { en: 'Unreadable', ru: 'Не прочитано' },
  intro: {
    en: 'Records of the CRM that could not be understood. They are not among your sales, yet nothing is lost: each waits here until it can be read.',
    ru: 'Записи CRM, которые не удалось понять. Среди продаж их нет, но ничего не потеряно: каждая ждёт здесь, пока её не прочитают.',
  },
  total: { en: 'Records: {n}', ru: 'Записей: {n}' },
  atLeast: { en: 'Records: more than {n}. Here are the last ones.', ru: 'Записей больше {n}. Здесь последние.' },
  seen: { en: 'Seen from {first} to {last}', ru: 'Замечены с {first} по {last}' },
  examples: { en: 'Examples', ru: 'Примеры' },
  withoutId: { en: 'without a number', ru: 'без номера' },
  numberInCrm: { en: 'Number in the CRM: {id}', ru: 'Номер в CRM: {id}' },
  record: { en: 'The record as the CRM gave it', ru: 'Запись, как её дала CRM' },
  hidden: {
    en: 'What stands in a record is not shown by this link.',
    ru: 'Содержимое записей по этой ссылке не показывается.',
  },
  whatToDo: { en: 'What to do', ru: 'Что делать' },
  'advice.correct': {
    en: 'Open the record in the CRM by its number and correct what is wrong: an empty date, a sum in words.',
    ru: 'Откройте запись в CRM по её номеру и исправьте: пустую дату, сумму словами.',
  },
  'advice.retry': { en: 'Come back and press “Read again”.', ru: 'Вернитесь сюда и нажмите «Прочитать снова».' },
  'advice.contact': {
    en: 'If the record is right in the CRM, write to support: we have to learn to read it.',
    ru: 'Если в CRM всё верно, напишите в поддержку: нам нужно научиться читать такие записи.',
  },
  retry: { en: 'Read again', ru: 'Прочитать снова' },
  retryNotAllowed: {
    en: 'Reading again takes a link with the right to connect.',
    ru: 'Чтобы прочитать снова, нужна ссылка с правом подключать.',
  },
  none: { en: 'Everything could be read', ru: 'Всё прочитано' },
  noneAdvice: {
    en: 'Records of the CRM that cannot be understood appear here, with the reason.',
    ru: 'Здесь появляются записи CRM, которые не удалось понять, с причиной.',
  },
})
