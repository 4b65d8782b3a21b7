// The page that the link of a connect session leads to. It names the business, so that nobody connects a CRM to a
// business that he does not know. The token of the link is in its fragment, which no server is sent.
import { BACK, type PlainPage, plainPage } from '#api/plain-page.ts'
import type { SessionPage } from '#connect-sessions/page.ts'
import { both, type Language, type LocalizedText } from '#lib/localized.ts'

/** Null: the session is over, or never was. */
export function connectPage(session: SessionPage | null, asked: Language): PlainPage<200 | 404> {
  if (session === null) return plainPage({ status: 404, language: asked, ...OVER })
  const { businessName: name, isReconnect, returnUrl, origin } = session
  const href = returnUrl ?? origin
  return plainPage({
    status: 200,
    language: session.language ?? asked,
    title: both(name),
    text: fill(isReconnect ? RECONNECT : CONNECT, name),
    link: href === null ? null : { href, text: BACK },
    framedBy: origin,
  })
}

function fill({ en, ru }: LocalizedText, name: string): LocalizedText {
  return { en: en.replace('{name}', () => name), ru: ru.replace('{name}', () => name) }
}

const CONNECT: LocalizedText = {
  en: 'This link is for connecting the CRM of “{name}”. If you do not know this business, close the page. Otherwise go on in the product that gave you the link.',
  ru: 'Эта ссылка ведёт к подключению CRM компании «{name}». Если вы не знаете эту компанию, закройте страницу. Иначе продолжайте в продукте, который дал вам ссылку.',
}
const RECONNECT: LocalizedText = {
  en: 'The CRM of “{name}” needs new credentials. If you do not know this business, close the page. Otherwise go on in the product that gave you the link.',
  ru: 'CRM компании «{name}» нужно подключить заново. Если вы не знаете эту компанию, закройте страницу. Иначе продолжайте в продукте, который дал вам ссылку.',
}
const OVER = {
  title: { en: 'This link is no longer good', ru: 'Эта ссылка больше не действует' },
  text: {
    en: 'Its time is over, or it was ended. Ask for a new one where you got it.',
    ru: 'Её срок истёк, или её отозвали. Попросите новую там, где получили эту.',
  },
}
