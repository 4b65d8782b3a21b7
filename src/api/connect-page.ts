// The page of a connect session: the frame that web/ fills, for the business that the link is of. It names the business
// before anything is given, and says what may be loaded and who may frame it. The token of the link is in its fragment,
// which no server is sent.
import * as z from 'zod'
import { escapeHtml, type PlainPage, plainPage } from '#api/plain-page.ts'
import type { SessionPage } from '#connect-sessions/page.ts'
import type { Config } from '#config.ts'
import type { Context } from '#context.ts'
import type { Language, LocalizedText } from '#lib/localized.ts'

/** Which screen the page begins with, so that a browser fetches it along with the rest. */
export type FirstScreen = 'choose' | 'home'

/** What dev/build-page.ts writes. */
const PageFiles = z.object({
  script: z.string(),
  styles: z.array(z.string()),
  preloads: z.array(z.string()),
  screens: z.record(z.string(), z.array(z.string())),
})

interface Shown {
  /** Null: the session is over, or never was. */
  readonly session: SessionPage | null
  readonly screen: FirstScreen
  /** Of the browser. */
  readonly asked: Language
}

export async function connectPage(context: Context, { session, screen, asked }: Shown): Promise<PlainPage<200 | 404>> {
  const { operator } = context.config
  if (session === null) return plainPage({ status: 404, language: asked, ...OVER, contact: operator.support })
  const files = PageFiles.parse(await context.readPageFiles())
  const first = files.screens[session.isReconnect ? 'reconnect' : session.isConnected ? 'home' : screen] ?? []
  const language = session.language ?? asked
  return {
    status: 200,
    contentType: 'text/html',
    content: html({ ...files, preloads: [...files.preloads, ...first] }, { session, operator, language }),
    headers: { 'content-security-policy': policy(session.origin, operator.logoUrl) },
  }
}

interface Contents {
  readonly session: SessionPage
  readonly operator: Config['operator']
  readonly language: Language
}

function html(
  { script, styles, preloads }: z.infer<typeof PageFiles>,
  { session, operator, language }: Contents,
): string {
  const { businessName, isConnected, origin, returnUrl } = session
  const data = { businessName, isConnected, language: session.language, operator, origin, returnUrl }
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(businessName)}</title><link rel="icon" type="image/svg+xml" href="/docs/icon.svg">
${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('')}<script type="module" src="${script}"></script>
${preloads.map((href) => `<link rel="modulepreload" href="${href}">`).join('')}</head>
<body><div id="page"></div><noscript><h1>${escapeHtml(businessName)}</h1><p>${NO_SCRIPT[language]}</p></noscript>
<script type="application/json" id="page-data">${jsonForHtml(data)}</script></body></html>
`
}

/** Nothing in it ends the element that it stands in. */
function jsonForHtml(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`)
}

function policy(framedBy: string | null, logoUrl: string | null): string {
  const images = logoUrl === null ? "'self'" : `'self' ${new URL(logoUrl).origin}`
  return [
    "default-src 'none'",
    ...["script-src 'self'", "style-src 'self'", `img-src ${images}`, "connect-src 'self'"],
    ...["base-uri 'none'", "form-action 'self'", `frame-ancestors ${framedBy ?? "'none'"}`],
  ].join('; ')
}

const NO_SCRIPT: LocalizedText = {
  en: 'This page needs JavaScript. Switch it on in the browser and load the page again.',
  ru: 'Этой странице нужен JavaScript. Включите его в браузере и загрузите страницу заново.',
}
const OVER = {
  title: { en: 'This link is no longer good', ru: 'Эта ссылка больше не действует' },
  text: {
    en: 'Its time is over, or it was ended. Ask for a new one where you got it.',
    ru: 'Её срок истёк, или её отозвали. Попросите новую там, где получили эту.',
  },
}
