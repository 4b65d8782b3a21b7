import { texts } from '#web/i18n/texts.ts'

export const TEXTS = texts({
  title: { en: 'Where are the sales kept?', ru: 'Где вы ведёте продажи?' },
  lead: {
    en: 'The sales of “{name}” will appear by themselves. We only read; nothing in your CRM is changed.',
    ru: 'Продажи компании «{name}» будут появляться сами. Мы только читаем и ничего не меняем в вашей CRM.',
  },
  search: { en: 'Search', ru: 'Поиск' },
  searchHint: { en: 'Name of the CRM', ru: 'Название CRM' },
  list: { en: 'CRMs', ru: 'Список CRM' },
  found: {
    en: { one: '{n} found', other: '{n} found' },
    ru: { one: 'найдена {n}', few: 'найдено {n}', many: 'найдено {n}' },
  },
  none: { en: 'Nothing by this name', ru: 'С таким названием ничего нет' },
  noneText: {
    en: 'If your program is not here, export the sales as a CSV or Excel file: files work too.',
    ru: 'Если вашей программы здесь нет, выгрузите продажи в CSV или Excel: файлы тоже подойдут.',
  },
  all: { en: 'Show all', ru: 'Показать все' },
  byMarketplace: { en: 'A click in its marketplace', ru: 'Одна кнопка в маркетплейсе' },
  byConsent: { en: 'Your consent in the CRM', ru: 'Ваше согласие в CRM' },
  byKeys: { en: 'You need: {list}', ru: 'Понадобится: {list}' },
  files: { en: 'CSV or Excel file', ru: 'Файл CSV или Excel' },
  byFile: { en: 'What your till or program exports', ru: 'Выгрузка из кассы или программы' },
  unknown: {
    en: 'This link opens no CRM. Ask for another one.',
    ru: 'По этой ссылке нельзя подключить ни одну CRM. Попросите другую.',
  },
})
