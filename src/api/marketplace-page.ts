// The pages of an owner who comes from a marketplace: why that did not work, or, where the product has no page of its
// own for it, how to go on.
import type { ArrivalRefusal } from '#marketplace/start-install.ts'
import { plainPage } from '#api/plain-page.ts'
import type { Language, LocalizedText } from '#lib/localized.ts'

interface RefusedPage {
  readonly status: 400 | 503
  readonly title: LocalizedText
  readonly text: LocalizedText
}

const REFUSALS: Readonly<Record<ArrivalRefusal, RefusedPage>> = {
  no_branch: {
    status: 400,
    title: { en: 'This page has to be reached from the marketplace', ru: 'Сюда нужно попадать из маркетплейса' },
    text: {
      en: 'The address names no branch. Open the app in the marketplace and press “Connect”.',
      ru: 'В адресе не указан филиал. Откройте приложение в маркетплейсе и нажмите «Подключить».',
    },
  },
  wrong_signature: {
    status: 400,
    title: { en: 'The address is not right', ru: 'Адрес неверен' },
    text: {
      en: 'What it says of you was not signed by the marketplace. Open the app there and press “Connect” again.',
      ru: 'Сведения о вас в нём не подписаны маркетплейсом. Откройте приложение там и нажмите «Подключить» ещё раз.',
    },
  },
  too_many: {
    status: 400,
    title: { en: 'Too many branches at once', ru: 'Слишком много филиалов сразу' },
    text: {
      en: 'Up to 200 branches can be connected together. Connect fewer of them at a time.',
      ru: 'Вместе можно подключить до 200 филиалов. Подключайте их частями.',
    },
  },
  not_configured: {
    status: 503,
    title: { en: 'Not set up yet', ru: 'Ещё не настроено' },
    text: {
      en: 'The operator of this service has no app in this marketplace.',
      ru: 'У оператора этого сервиса нет приложения в этом маркетплейсе.',
    },
  },
}

const ARRIVED = {
  status: 200,
  title: { en: 'One more step', ru: 'Остался один шаг' },
  text: {
    en: 'The marketplace waits for us to connect your branch, and nothing is connected yet. Sign in to the product, or register there if you have no account, and finish within an hour. After that press “Connect” in the marketplace again.',
    ru: 'Маркетплейс ждёт, пока мы подключим ваш филиал; пока ничего не подключено. Войдите в продукт или зарегистрируйтесь, если аккаунта ещё нет, и завершите подключение в течение часа. Позже нажмите «Подключить» в маркетплейсе ещё раз.',
  },
} as const

export function refusalPage(refusal: ArrivalRefusal, language: Language) {
  return plainPage({ ...REFUSALS[refusal], language })
}

export function arrivedPage(language: Language) {
  return plainPage({ ...ARRIVED, language })
}
