// The API's viewer: Swagger UI from the Worker's own assets, so it works without any other host.
import type { Context as HonoContext, Hono } from 'hono'
import type { HonoEnv } from '#api/hono-env.ts'
import { createOpenApi } from '#api/openapi/document.ts'
import { policyOf } from '#lib/quotas.ts'
import type { Route } from '#api/route.ts'

const ASSETS: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['favicon-32x32.png', 'image/png'],
])
const ASSET_MAX_AGE_SECONDS = 86_400
/** The viewer styles its elements inline, and its icons are `data:`. It submits its forms by fetch. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  ...['font-src', 'frame-src', 'object-src', 'worker-src'].map((name) => `${name} 'none'`),
  // These three have no default.
  ...['base-uri', 'form-action', 'frame-ancestors'].map((name) => `${name} 'none'`),
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>crm-integrations API</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"><noscript>This page needs JavaScript. The document itself is at <a href="/openapi.json">/openapi.json</a>.</noscript></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
})
`

/** Open to everybody: the pages hold no data of any business. */
export function addDocs(app: Hono<HonoEnv>, routes: readonly Route[]): void {
  let document: string | undefined
  app.get('/openapi.json', (c) => {
    document ??= JSON.stringify(createOpenApi(routes))
    return page(c, document, 'application/json', { 'access-control-allow-origin': '*' })
  })
  app.get('/docs', (c) => page(c, PAGE, 'text/html; charset=utf-8'))
  app.get('/docs/start.js', (c) => page(c, START, 'text/javascript; charset=utf-8'))
  app.get('/docs/:file', async (c, next) => {
    const file = c.req.param('file')
    const type = ASSETS.get(file)
    if (!type) return next()
    const asset = await c.env.ASSETS.fetch(new URL(`/${file}`, c.req.url))
    if (!asset.ok) return next()
    return page(c, asset.body, type, { 'cache-control': `public, max-age=${ASSET_MAX_AGE_SECONDS}` })
  })
}

function page(
  c: HonoContext<HonoEnv>,
  body: BodyInit | null,
  contentType: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const own = { 'content-type': contentType, 'content-security-policy': POLICY, 'cache-control': 'public, max-age=300' }
  const usual = { 'x-request-id': c.get('requestId'), 'ratelimit-policy': policyOf('reads', 1) }
  return new Response(body, { headers: { ...own, ...usual, ...headers } })
}
