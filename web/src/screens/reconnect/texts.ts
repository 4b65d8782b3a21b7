import { texts } from '#web/i18n/texts.ts'

export const TEXTS = texts({
  title: { en: 'Connect {crm} again', ru: 'Подключить {crm} заново' },
  lead: {
    en: 'For “{name}”. Only the access is entered anew: settings and sales stay as they are.',
    ru: 'Для компании «{name}». Заново вводится только доступ: настройки и продажи останутся как есть.',
  },
  account: {
    en: 'The sales here are those of the account “{account}”. Enter the access to this one.',
    ru: 'Здесь продажи аккаунта «{account}». Введите доступ именно к нему.',
  },
  why: { en: 'Why this is needed', ru: 'Почему это нужно' },
  guide: { en: 'How to get this', ru: 'Где это взять' },
  save: { en: 'Test and connect again', ru: 'Проверить и подключить' },
  ownKeys: { en: 'With keys of your own', ru: 'Своими ключами' },
  otherTitle: { en: 'This is another account', ru: 'Это другой аккаунт' },
  failedTitle: { en: 'This access does not work', ru: 'С этим доступом не работает' },
  done: { en: 'Connected again', ru: 'Снова подключено' },
  doneOn: {
    en: 'Sync goes on by itself; nothing more is to be done.',
    ru: 'Синхронизация продолжится сама, больше ничего не нужно.',
  },
  doneOff: {
    en: 'The access works. Sync is switched off and stays so.',
    ru: 'Доступ работает. Синхронизация выключена и остаётся выключенной.',
  },
  toHome: { en: 'See what is connected', ru: 'Посмотреть подключение' },
})
