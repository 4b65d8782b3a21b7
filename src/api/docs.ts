// The API's document, and pages of it that the Worker renders itself: without scripts or other hosts.
import type { Context as HonoContext, Hono } from 'hono'
import type { HonoEnv } from '#api/hono-env.ts'
import { createOpenApi } from '#api/openapi/document.ts'
import type { Route } from '#api/route.ts'
import type { OpenApiDocument } from '#api/viewer/document.ts'
import { renderPage, renderSchemas } from '#api/viewer/page.ts'
import { ICON, STYLE } from '#api/viewer/style.ts'
import { policyOf } from '#lib/quotas.ts'

const POLICY = [
  ...["default-src 'none'", "style-src 'self'", "img-src 'self'"],
  // These three have no default.
  ...['base-uri', 'form-action', 'frame-ancestors'].map((name) => `${name} 'none'`),
].join('; ')

export const DOCUMENTS = ['/openapi.json', '/docs', '/docs/schemas', '/docs/style.css', '/docs/icon.svg'] as const

/** Open to everybody: the pages hold no data of any business. */
export function addDocs(app: Hono<HonoEnv>, routes: readonly Route[]): void {
  let document: string | undefined
  const pages = new Map<typeof renderPage, Promise<string>>()
  const html = async (c: HonoContext<HonoEnv>, render: typeof renderPage) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by openapi/document.ts of these very parts
    const rendered = pages.get(render) ?? render(createOpenApi(routes) as unknown as OpenApiDocument)
    pages.set(render, rendered)
    return page(c, await rendered, 'text/html; charset=utf-8')
  }
  app.get('/openapi.json', (c) => {
    document ??= JSON.stringify(createOpenApi(routes))
    return page(c, document, 'application/json', { 'access-control-allow-origin': '*' })
  })
  app.get('/docs', async (c) => html(c, renderPage))
  app.get('/docs/schemas', async (c) => html(c, renderSchemas))
  app.get('/docs/style.css', (c) => page(c, STYLE, 'text/css; charset=utf-8'))
  app.get('/docs/icon.svg', (c) => page(c, ICON, 'image/svg+xml'))
}

function page(
  c: HonoContext<HonoEnv>,
  body: string,
  contentType: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const own = { 'content-type': contentType, 'content-security-policy': POLICY, 'cache-control': 'public, max-age=300' }
  const usual = { 'x-request-id': c.get('requestId'), 'ratelimit-policy': policyOf('reads', 1) }
  return new Response(body, { headers: { ...own, ...usual, ...headers } })
}
