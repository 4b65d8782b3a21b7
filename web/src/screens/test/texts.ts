import { texts } from '#web/i18n/texts.ts'

export const TEXTS = texts({
  title: { en: 'Test of the connection', ru: 'Проверка подключения' },
  lead: { en: '{crm} for “{name}”', ru: '{crm} для компании «{name}»' },
  testing: {
    en: 'We ask {crm} for everything that a sync will need.',
    ru: 'Спрашиваем у {crm} всё, что понадобится для синхронизации.',
  },
  failedToTest: { en: 'The test could not be made', ru: 'Проверить не удалось' },
  passed: { en: 'Everything works', ru: 'Всё работает' },
  passedFor: { en: 'Everything works: {account}', ru: 'Всё работает: {account}' },
  passedPartly: {
    en: 'It works. What is marked above can be mended later.',
    ru: 'Подключение работает. То, что отмечено выше, можно поправить позже.',
  },
  failed: { en: 'It does not work yet', ru: 'Пока не работает' },
  failedText: {
    en: 'Each row above says what to do. Then test again.',
    ru: 'В строках выше написано, что сделать. Потом проверьте ещё раз.',
  },
  again: { en: 'Test again', ru: 'Проверить ещё раз' },
  change: { en: 'Change what was entered', ru: 'Изменить введённое' },
  samples: { en: 'Do you recognise these sales?', ru: 'Узнаёте эти продажи?' },
  samplesText: { en: 'A few sales from your CRM.', ru: 'Несколько продаж из вашей CRM.' },
  notStored: { en: 'Nothing is stored yet.', ru: 'Пока ничего не сохранено.' },
  noSamples: {
    en: 'There are no sales to show yet. They will come with the first sync.',
    ru: 'Показать пока нечего: продажи появятся с первой синхронизацией.',
  },
  when: { en: 'When', ru: 'Когда' },
  what: { en: 'What', ru: 'Что' },
  customer: { en: 'Customer', ru: 'Клиент' },
  amount: { en: 'Amount', ru: 'Сумма' },
  nobody: { en: '—', ru: '—' },
  more: {
    en: { one: '{first} and {n} more', other: '{first} and {n} more' },
    ru: { one: '{first} и ещё {n}', few: '{first} и ещё {n}', many: '{first} и ещё {n}' },
  },
  enable: { en: 'Switch on', ru: 'Включить' },
  enableText: {
    en: 'The first sync begins at once and brings the sales of the last weeks.',
    ru: 'Первая синхронизация начнётся сразу и загрузит продажи за последние недели.',
  },
  enabled: { en: 'Connected. The first sync has begun.', ru: 'Подключено. Первая синхронизация началась.' },
  on: { en: 'Sync is on', ru: 'Синхронизация включена' },
  toHome: { en: 'See what is connected', ru: 'Посмотреть подключение' },
  rows: { en: 'What is checked', ru: 'Что проверяется' },
  all: { en: 'The test is over: {outcome}', ru: 'Проверка закончена: {outcome}' },
})
