// The page after a CRM's consent page: it says what happened and what to do. It has no script and loads nothing.
import type { LocalizedText } from '#crm/contract.ts'
import type { ConsentOutcome, ConsentRefusal } from '#oauth/finish-consent.ts'
import type { ContentReply } from '#api/reply.ts'
import type { Language } from '#api/route.ts'

interface Page {
  readonly status: 200 | 400 | 409 | 502 | 503
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

const REFUSALS: Readonly<Record<ConsentRefusal, Page>> = {
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
  code_expired: {
    status: 400,
    title: { en: 'The consent is no longer valid', ru: 'Согласие уже недействительно' },
    text: thenStartAgain(
      'The CRM no longer accepts its code: it was used or is older than 20 minutes.',
      'CRM больше не принимает код: он использован или старше 20 минут.',
    ),
  },
  widget: {
    status: 400,
    title: { en: 'Not for widgets', ru: 'Не для виджетов' },
    text: thenStartAgain('Installing a widget connects nothing.', 'Установка виджета ничего не подключает.'),
  },
  other_crm: {
    status: 409,
    title: { en: 'Another CRM is connected', ru: 'Подключена другая CRM' },
    text: {
      en: 'A business has one CRM. Remove the one it has in the settings, then connect this one.',
      ru: 'У бизнеса одна CRM. Удалите в настройках подключённую, затем подключите эту.',
    },
  },
  not_reached: {
    status: 502,
    title: { en: 'The CRM did not answer as it should', ru: 'CRM ответила не так, как должна' },
    text: thenStartAgain(
      'Your consent could not be exchanged for access. If that happens again, the operator has to check the registration of this service.',
      'Согласие не удалось обменять на доступ. Если это повторится, оператору нужно проверить регистрацию сервиса.',
    ),
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

const CONNECTED: Readonly<Record<'working' | 'syncing' | 'failing', Page>> = {
  working: {
    status: 200,
    title: { en: 'Connected', ru: 'Подключено' },
    text: {
      en: 'The connection test is passed. You can close this window and switch the sync on in the settings.',
      ru: 'Проверка подключения пройдена. Это окно можно закрыть; синхронизация включается в настройках.',
    },
  },
  syncing: {
    status: 200,
    title: { en: 'Connected', ru: 'Подключено' },
    text: {
      en: 'The connection test is passed and the sync goes on. You can close this window.',
      ru: 'Проверка подключения пройдена, синхронизация продолжается. Это окно можно закрыть.',
    },
  },
  failing: {
    status: 200,
    title: { en: 'Connected, but something is missing', ru: 'Подключено, но чего-то не хватает' },
    text: {
      en: 'The access is stored, and the connection test found this:',
      ru: 'Доступ сохранён, а проверка подключения нашла вот что:',
    },
  },
}

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color:#1d2330;background:#fff}h1{font-size:1.4rem;line-height:1.3}li{margin:.4rem 0}@media(prefers-color-scheme:dark){body{color:#e6e8ee;background:#15181f}}'

export function consentPage(outcome: ConsentOutcome, language: Language): ContentReply<Page['status'], 'text/html'> {
  const page = pageOf(outcome)
  const title = escape(page.title[language])
  const failures =
    outcome.type === 'connected'
      ? outcome.report.capabilities.filter(({ ok, required }) => required && !ok).map(({ detail }) => detail)
      : []
  const list =
    failures.length > 0 ? `<ul>${[...new Set(failures)].map((text) => `<li>${escape(text)}</li>`).join('')}</ul>` : ''
  const html = `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${escape(page.text[language])}</p>${list}</main></body></html>
`
  return {
    status: page.status,
    contentType: 'text/html',
    content: html,
    headers: { 'content-security-policy': POLICY },
  }
}

function pageOf(outcome: ConsentOutcome): Page {
  if (outcome.type !== 'connected') return REFUSALS[outcome.type]
  if (!outcome.report.ok) return CONNECTED.failing
  return outcome.isSyncing ? CONNECTED.syncing : CONNECTED.working
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
