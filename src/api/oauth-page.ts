// The page after a CRM's consent page: it says what happened and what to do.
import { BACK, type PlainPage, plainPage } from '#api/plain-page.ts'
import type { Config } from '#config.ts'
import type { LocalizedText } from '#crm/contract.ts'
import type { CallbackRefusal } from '#oauth/receive-callback.ts'
import type { Language } from '#lib/localized.ts'

interface Page {
  readonly status: 200 | 400 | 503
  readonly title: LocalizedText
  readonly text: LocalizedText
}

const START_AGAIN: LocalizedText = {
  en: 'Go back to the settings and connect again.',
  ru: 'Вернитесь в настройки и подключите заново.',
}
const thenStartAgain = (en: string, ru: string): LocalizedText => ({
  en: `${en} ${START_AGAIN.en}`,
  ru: `${ru} ${START_AGAIN.ru}`,
})

const REFUSALS: Readonly<Record<CallbackRefusal, Page>> = {
  denied: {
    status: 400,
    title: { en: 'Access was not given', ru: 'Доступ не дан' },
    text: thenStartAgain(
      'You declined on the consent page, so nothing was connected. You need the rights of an administrator there.',
      'На странице согласия вы отказались, поэтому ничего не подключено. Там нужны права администратора.',
    ),
  },
  state_missing: {
    status: 400,
    title: { en: 'This page has to be reached through the settings', ru: 'Сюда нужно попадать из настроек' },
    text: thenStartAgain(
      'The address does not say whose connection it is.',
      'В адресе не сказано, чьё это подключение.',
    ),
  },
  state_unknown: {
    status: 400,
    title: { en: 'We did not start this connection', ru: 'Это подключение начали не мы' },
    text: thenStartAgain(
      'The address names a connection that was not begun here, or long ago.',
      'Адрес указывает на подключение, которое начато не здесь или очень давно.',
    ),
  },
  state_used: {
    status: 400,
    title: { en: 'This link has been used already', ru: 'Эта ссылка уже использована' },
    text: {
      en: 'A consent counts once. If the connection does not work yet, go back to the settings and connect again.',
      ru: 'Согласие действует один раз. Если подключение ещё не работает, вернитесь в настройки и подключите заново.',
    },
  },
  state_expired: {
    status: 400,
    title: { en: 'Too much time has passed', ru: 'Прошло слишком много времени' },
    text: thenStartAgain(
      'A connection has to be finished within 20 minutes.',
      'Подключение нужно завершить за 20 минут.',
    ),
  },
  forged: {
    status: 400,
    title: { en: 'The address is not right', ru: 'Адрес неверен' },
    text: thenStartAgain(
      'It names an account that does not belong to this CRM, or another app. Nothing was sent there.',
      'В нём указан аккаунт не этой CRM или другое приложение. Мы ничего туда не отправили.',
    ),
  },
  // The vendor's own call after a widget was installed: it waits three seconds for 200.
  widget: {
    status: 200,
    title: { en: 'Installed', ru: 'Установлено' },
    text: {
      en: 'Installing a widget connects nothing by itself. Connect the CRM in the settings of the product.',
      ru: 'Сама по себе установка виджета ничего не подключает. Подключите CRM в настройках продукта.',
    },
  },
  not_configured: {
    status: 503,
    title: { en: 'Not set up yet', ru: 'Ещё не настроено' },
    text: {
      en: 'The operator has not registered this service with the CRM. A long-lived token works without that.',
      ru: 'Оператор ещё не зарегистрировал сервис в CRM. С долгосрочным токеном можно работать и без этого.',
    },
  },
}

const GIVEN: Page = {
  status: 200,
  title: { en: 'Access was given', ru: 'Доступ дан' },
  text: {
    en: 'Nothing is connected yet: go back to the settings and finish there within 15 minutes.',
    ru: 'Пока ничего не подключено: вернитесь в настройки и завершите подключение там, на это есть 15 минут.',
  },
}

/** Null: consent was given, and the business has to finish. The page leads back to the product where it is known. */
export function consentPage(
  { corsOrigins: [product], operator }: Config,
  refusal: CallbackRefusal | null,
  language: Language,
): PlainPage<Page['status']> {
  const link = product === undefined ? null : { href: product, text: BACK }
  return plainPage({ ...(refusal === null ? GIVEN : REFUSALS[refusal]), link, language, contact: operator.support })
}
