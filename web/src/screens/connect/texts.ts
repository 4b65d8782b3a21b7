import { texts } from '#web/i18n/texts.ts'

export const TEXTS = texts({
  title: { en: 'Connect {crm}', ru: 'Подключить {crm}' },
  lead: { en: 'For “{name}”. We only read sales.', ru: 'Для компании «{name}». Мы только читаем продажи.' },
  back: { en: 'Another CRM', ru: 'Другая CRM' },
  unknown: { en: 'This CRM cannot be connected here', ru: 'Эту CRM здесь подключить нельзя' },
  guide: { en: 'How to get this', ru: 'Где это взять' },
  test: { en: 'Test the connection', ru: 'Проверить подключение' },
  mistakes: {
    en: { one: '{n} field has a mistake', other: '{n} fields have mistakes' },
    ru: { one: 'Ошибка в {n} поле', few: 'Ошибки в {n} полях', many: 'Ошибки в {n} полях' },
  },
  consentTitle: { en: 'With your consent', ru: 'По вашему согласию' },
  consentText: {
    en: 'You sign in at {crm} and allow the access there. Nothing has to be copied.',
    ru: 'Вы войдёте в {crm} и разрешите доступ там. Ничего копировать не нужно.',
  },
  consent: { en: 'Go on to {crm}', ru: 'Перейти в {crm}' },
  consentWindow: {
    en: 'The consent is given in another window. This page goes on by itself.',
    ru: 'Согласие даётся в другом окне. Эта страница продолжит сама.',
  },
  marketTitle: { en: 'By one click', ru: 'Одной кнопкой' },
  marketText: {
    en: 'Open “Integrations” in {crm}, find our app and press “Connect”. You will come back by yourself, and enter nothing.',
    ru: 'Откройте в {crm} раздел «Интеграции», найдите наше приложение и нажмите «Подключить». Вы вернётесь сами, вводить ничего не нужно.',
  },
  marketTextOf: {
    en: 'Open “Integrations” in {crm}, find the app “{app}” and press “Connect”. You will come back by yourself, and enter nothing.',
    ru: 'Откройте в {crm} раздел «Интеграции», найдите приложение «{app}» и нажмите «Подключить». Вы вернётесь сами, вводить ничего не нужно.',
  },
  keysStay: {
    en: 'The keys are stored already. Enter new ones only to replace them.',
    ru: 'Ключи уже сохранены. Вводите новые, только если хотите их заменить.',
  },
  ownKeys: { en: 'With keys of your own', ru: 'Своими ключами' },
  exists: {
    en: 'Another CRM is connected for this business: {crm}. It has to be disconnected first; its sales can stay.',
    ru: 'У этой компании подключена другая CRM: {crm}. Сначала её нужно отключить; продажи можно оставить.',
  },
  toHome: { en: 'See what is connected', ru: 'Посмотреть подключение' },
})
