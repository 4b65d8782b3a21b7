import { texts } from '#web/i18n/texts.ts'

export const TEXTS = texts({
  unset: { en: 'Find out', ru: 'Определить автоматически' },
  severalValues: { en: 'Several with commas between them.', ru: 'Несколько — через запятую.' },
  fillIn: { en: 'Fill this in', ru: 'Заполните это поле' },
  spacesInside: {
    en: 'There are spaces inside. If it was copied in parts, copy it again.',
    ru: 'Внутри есть пробелы. Если ключ копировали по частям, скопируйте его заново.',
  },
  quoted: {
    en: 'It stands in quotes. If they are not part of it, remove them.',
    ru: 'Он в кавычках. Если это не часть ключа, уберите их.',
  },
  prefixed: {
    en: 'It begins with “Bearer”. Leave only what follows.',
    ru: 'Он начинается с «Bearer». Оставьте только то, что дальше.',
  },
  address: { en: 'It looks like an address, not like a key.', ru: 'Это похоже на адрес, а не на ключ.' },
  advanced: { en: 'More settings', ru: 'Дополнительные настройки' },
  works: { en: 'Works', ru: 'Работает' },
  fails: { en: 'Does not work', ru: 'Не работает' },
  limited: { en: 'Works in part', ru: 'Работает не полностью' },
  waiting: { en: 'Being checked', ru: 'Проверяем' },
  rows: { en: 'What was checked', ru: 'Что проверено' },
  minutes: {
    en: { one: 'about {n} minute', other: 'about {n} minutes' },
    ru: { one: 'около {n} минуты', few: 'около {n} минут', many: 'около {n} минут' },
  },
})
