// A page of a heading and a sentence or two. It has no script and loads nothing.
import type { ContentReply } from '#api/reply.ts'
import type { Language, LocalizedText } from '#lib/localized.ts'

export type PlainPage<Status> = ContentReply<Status, 'text/html', 'content-security-policy'>

interface Contents<Status> {
  readonly status: Status
  readonly language: Language
  readonly title: LocalizedText
  readonly text: LocalizedText
  /** Where it leads on; a page of the product's. */
  readonly link?: { readonly href: string; readonly text: LocalizedText } | null
  /** How the operator is reached. */
  readonly contact?: string | null
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color:#1d2330;background:#fff;overflow-wrap:anywhere}h1{font-size:1.4rem;line-height:1.3}a{color:#0b57d0}@media(prefers-color-scheme:dark){body{color:#e6e8ee;background:#15181f}a{color:#a8c7fa}}'

export const BACK: LocalizedText = { en: 'Go back to the product', ru: 'Вернуться в продукт' }

/** What a route that answers with one documents. */
export const PAGE = { contentTypes: ['text/html'], headers: ['content-security-policy'] } as const

export function plainPage<Status>({ status, language, title, text, link = null, contact = null }: Contents<Status>) {
  const heading = escapeHtml(title[language])
  const onward = link && `<p><a href="${escapeHtml(link.href)}">${escapeHtml(link.text[language])}</a></p>`
  const asked = contact && `<p>${ASK[language]} ${escapeHtml(contact)}</p>`
  const html = `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${heading}</title><style>${STYLE}</style></head>
<body><main><h1>${heading}</h1><p>${escapeHtml(text[language])}</p>${onward ?? ''}${asked ?? ''}</main></body></html>
`
  return {
    status,
    contentType: 'text/html',
    content: html,
    headers: { 'content-security-policy': POLICY },
  } satisfies PlainPage<Status>
}

const POLICY = [
  ...['default-src', 'base-uri', 'form-action', 'frame-ancestors'].map((name) => `${name} 'none'`),
  "style-src 'unsafe-inline'",
].join('; ')

const ASK: LocalizedText = { en: 'Questions?', ru: 'Есть вопросы?' }

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
