// Who may call the salon's API, and what stands between a caller and a branch.
import type { Next } from 'hono'
import type { YclientsSandbox } from '#sandbox/yclients/state.ts'

/** What a handler reads of a request. */
export interface Asked {
  readonly req: {
    readonly path: string
    param(name: string): string | undefined
    header(name: string): string | undefined
  }
}

export function failure(message: string, status: 400 | 401 | 403 | 404 | 402) {
  return Response.json({ success: false, data: null, meta: { message } }, { status })
}

export function addGuards(sandbox: YclientsSandbox): void {
  const { app, requests, denied, branches, marketplace } = sandbox
  const { partnerToken, userToken } = marketplace.app
  const asSystem = `Bearer ${partnerToken}, User ${userToken}`
  app.use('/api/v1/*', async (c, next) => {
    const { apiKey, apiSecret } = sandbox.credentials
    const url = new URL(c.req.url)
    requests.push(`${c.req.method} ${url.pathname}${url.search}`)
    if (c.req.header('accept') !== sandbox.accept) return failure('Не указан заголовок Accept', 400)
    const known = [`Bearer ${apiKey}, User ${apiSecret}`, `Bearer ${partnerToken}, User ${apiSecret}`, asSystem]
    if (!known.includes(c.req.header('authorization') ?? '')) return failure('Необходима авторизация', 401)
    if (denied.has('licence')) return failure('Необходимо продлить лицензию филиала', 403)
    return next()
  })
  app.use('/api/v1/:area/:company/*', guard)
  app.use('/api/v1/:area/:company', guard)
  app.use('/api/v1/visit/details/:company/*', guardDetails)
  async function guardDetails(c: Asked, next: Next) {
    return guard(c, next, true)
  }
  async function guard(c: Asked, next: Next, isDetails = false) {
    const area = c.req.param('area') ?? ''
    if (area === 'visit' && !isDetails) return next()
    const company = c.req.param('company') ?? ''
    const trouble = branches.find(({ companyId }) => companyId === company)
    if (!trouble || trouble.trouble === 'deleted') return failure('Филиал не найден.', 404)
    if (trouble.trouble === 'vanished') return failure('Не найдено', 404)
    if (trouble.trouble === 'licence') return failure('Необходимо продлить лицензию филиала', 403)
    if (trouble.trouble === 'down') return new Response('<h1>Bad gateway</h1>', { status: 502 })
    // The system user of an app is a user of the branches that have it, and of no other.
    if (c.req.header('authorization') === asSystem && !marketplace.isOpenFor(company))
      return failure('Недостаточно прав', 403)
    const needed: Readonly<Record<string, string>> = {
      records: 'records',
      record: 'records',
      transactions: 'finances',
      hooks_settings: 'settings',
    }
    const isDocument = isDetails || c.req.path.includes('/sale/')
    if (denied.has(isDocument ? 'documents' : (needed[area] ?? ''))) return failure('Недостаточно прав', 403)
    return next()
  }
}
