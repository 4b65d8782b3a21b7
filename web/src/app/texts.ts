import { texts } from '#web/i18n/texts.ts'

export const TEXTS = texts({
  skip: { en: 'Skip to the content', ru: 'Перейти к содержанию' },
  navigation: { en: 'Sections', ru: 'Разделы' },
  language: { en: 'Language', ru: 'Язык' },
  offline: {
    en: 'No connection. The page goes on by itself when it is back.',
    ru: 'Нет связи. Страница продолжит сама, когда связь появится.',
  },
  back: { en: 'Back to the product', ru: 'Вернуться в продукт' },
  support: { en: 'Questions? {contact}', ru: 'Есть вопросы? {contact}' },
  supportBy: { en: 'Questions? {name}: {contact}', ru: 'Есть вопросы? {name}: {contact}' },
  close: { en: 'Close', ru: 'Закрыть' },
  again: { en: 'Try again', ru: 'Попробовать ещё раз' },
  opening: { en: 'Opening “{name}”…', ru: 'Открываем «{name}»…' },
  notOpened: { en: 'The page could not be opened', ru: 'Не удалось открыть страницу' },
  broken: { en: 'This part of the page does not work', ru: 'Эта часть страницы не работает' },
  brokenText: {
    en: 'It is our mistake, and nothing is lost. Load the page again; if it is still so, write to us.',
    ru: 'Это наша ошибка, ничего не потеряно. Обновите страницу, а если не поможет, напишите нам.',
  },
  reload: { en: 'Load the page again', ru: 'Обновить страницу' },
  unreached: { en: 'The service cannot be reached', ru: 'Сервис не отвечает' },
  unreachedText: {
    en: 'Check your connection to the internet. The page tries again by itself.',
    ru: 'Проверьте подключение к интернету. Страница попробует ещё раз сама.',
  },
  over: { en: 'This link is no longer good', ru: 'Эта ссылка больше не действует' },
  overText: {
    en: 'Its time is over, it was ended, or it was opened in another browser. Ask for a new link where you got this one. What was connected stays connected.',
    ru: 'Её срок истёк, её отозвали или уже открыли в другом браузере. Попросите новую там, где получили эту. Что подключено, остаётся подключённым.',
  },
  handedOver: { en: 'You can close this window', ru: 'Это окно можно закрыть' },
  handedOverText: {
    en: 'The connection goes on in the window that you came from.',
    ru: 'Подключение продолжается в том окне, из которого вы пришли.',
  },
  nothing: { en: 'Nothing is connected yet', ru: 'Пока ничего не подключено' },
  nothingText: {
    en: 'This link is for looking only. Ask for one that may connect a CRM.',
    ru: 'Эта ссылка только для просмотра. Попросите ссылку, по которой можно подключить CRM.',
  },
})
