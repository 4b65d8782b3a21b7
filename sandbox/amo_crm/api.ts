// amoCRM's API, version 4, over an account's books.
import type { Context, Hono } from 'hono'
import { invoiceTime, PIPELINES, WON } from '#sandbox/amo_crm/account.ts'
import { addWebhooks } from '#sandbox/amo_crm/hooks.ts'
import type { Api, Refused } from '#sandbox/amo_crm/state.ts'
import {
  binnedJson,
  contactJson,
  customerJson,
  invoiceJson,
  leadJson,
  problem,
  purchaseJson,
  seconds,
} from '#sandbox/amo_crm/wire.ts'

type Json = Record<string, unknown>
const CATALOG_ID = 5501

export function addApi(app: Hono, api: Api): void {
  app.use('/*', async (c, next) => {
    if (api.isBlocked && !c.req.path.startsWith('/_sandbox')) {
      api.requests.push(`${c.req.method} ${c.req.path}`)
      return c.html('<html><head><title>403 Forbidden</title></head><body><center>nginx</center></body></html>', 403)
    }
    return next()
  })
  app.use('/api/v4/*', async (c, next) => {
    const url = new URL(c.req.url)
    api.requests.push(`${c.req.method} ${decodeURIComponent(url.pathname + url.search)}`)
    await api.onCall?.()
    const { movedTo, tokens } = api.consent
    if (movedTo !== null && url.host !== movedTo) return c.html('<h1>Аккаунт не найден</h1>', 404)
    const token = c.req.header('authorization')?.replace(/^Bearer /, '') ?? ''
    if (token !== api.longLivedToken && !tokens.isGood(token)) return problem(401, 'Неверный логин или пароль')
    const [, , , area = '', id, part] = url.pathname.split('/')
    const needed = part === 'transactions' || id === 'transactions' ? 'transactions' : area
    if (api.denied.has(needed)) return problem(403, 'Доступ запрещен')
    const refused = api.refused.get(needed) ?? api.refused.get(area) ?? api.refused.get(`${c.req.method} ${area}`)
    return refused ? refusal(refused) : next()
  })
  addAccount(app, api)
  addLeads(app, api)
  addCustomers(app, api)
  addInvoices(app, api)
  addWebhooks(app, api, (c, entries) => listOf(c, api, 'webhooks', entries))
  app.all('/api/v4/*', () => problem(404, 'Not Found'))
}

function refusal(refused: Refused): Response {
  switch (refused) {
    case '402':
      return problem(402, 'Аккаунт не оплачен')
    case '403':
      return problem(403, 'Доступ запрещен')
    case '404':
      return problem(404, 'Not Found')
    case 'switched_off':
      return problem(400, 'Функционал отключен', 426)
    case 'system_error':
      return problem(400, 'Системная ошибка, повторите запрос позже')
    default:
      throw new Error(`unknown refusal ${String(refused satisfies never)}`)
  }
}

/** A page of a list in HAL, or 204. */
function listOf(c: Context, api: Api, area: string, all: readonly Json[], most = 250): Response {
  api.onList?.(area)
  const url = new URL(c.req.url)
  const requested = Number(url.searchParams.get('limit') ?? 50)
  const limit = Math.min(requested, most, api.rowsMax)
  const lastPage = Math.max(Math.ceil(all.length / limit), 1)
  const asked = Math.max(Number(url.searchParams.get('page') ?? 1), 1)
  const page = api.isEndless ? Math.min(asked, lastPage) : asked
  if (Math.min(all.length, limit) > api.rowsBearable) {
    return c.html('<html><center>Gateway Time-out</center></html>', api.overload)
  }
  const rows = api.emptyLists ? [] : all.slice((page - 1) * limit, page * limit)
  if (rows.length === 0) return new Response(null, { status: 204 })
  url.searchParams.set('page', String(page + 1))
  const next = api.isEndless || all.length > page * limit ? { next: { href: url.href } } : {}
  return hal(api, { _page: page, _links: { self: { href: c.req.url }, ...next }, _embedded: { [area]: rows } })
}

function one(api: Api, found: Json | null): Response {
  if (found) return hal(api, found)
  if (api.missing === 204) return new Response(null, { status: 204 })
  return api.missing === 404 ? problem(404, 'Not Found') : Response.json({ code: 226 }, { status: 400 })
}

function hal(api: Api, value: Json): Response {
  const body = api.unknownFields ? withUnknown(value) : value
  return Response.json(body, { headers: { 'content-type': 'application/hal+json' } })
}

function withUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknown)
  if (typeof value !== 'object' || value === null) return value
  const known = Object.entries(value).map(([name, part]): [string, unknown] => [name, withUnknown(part)])
  return { ...Object.fromEntries(known), brand_new: { since: 2027, list: [1, 'a', null] } }
}

/** `filter[name][from]`, `[to]`, and a bare `filter[name]` for exactly that second. */
function within(api: Api, c: Context, name: string): (at: Date | null) => boolean {
  const query = new URL(c.req.url).searchParams
  const [from, to, exact] = [`[${name}][from]`, `[${name}][to]`, `[${name}]`].map((end) => query.get(`filter${end}`))
  if (api.ignoresFilters || (from == null && to == null && exact == null)) return () => true
  return (at) => {
    if (at === null) return false
    if (exact != null) return seconds(at) === Number(exact)
    return seconds(at) >= Number(from ?? 0) && seconds(at) <= Number(to ?? Infinity)
  }
}

function idsOf(c: Context): ReadonlySet<number> | null {
  const ids = new URL(c.req.url).searchParams.getAll('filter[id][]')
  return ids.length > 0 ? new Set(ids.map(Number)) : null
}

function addAccount(app: Hono, api: Api): void {
  app.get('/api/v4/account', (c) => {
    const hasZone = c.req.query('with')?.includes('datetime_settings')
    const zone = { timezone: 'Europe/Moscow', timezone_offset: '+03:00', date_format: 'd.m.Y' }
    return hal(api, {
      ...{ id: api.accountId, name: 'Кофейня', subdomain: 'coffee1', current_user_id: 9_000_001, country: 'RU' },
      ...{ currency: 'RUB', currency_symbol: '₽', customers_mode: api.customersMode },
      ...(hasZone && { _embedded: { datetime_settings: zone } }),
    })
  })
  app.get('/api/v4/contacts', (c) => {
    const ids = idsOf(c)
    const people = [...api.account.people.values()].filter(({ id }) => !ids || ids.has(id))
    return listOf(
      c,
      api,
      'contacts',
      people.map((person) => contactJson(person, api.accountId)),
    )
  })
  app.get('/api/v4/contacts/:id', (c) => {
    const person = api.account.people.get(Number(c.req.param('id')))
    return one(api, person ? contactJson(person, api.accountId) : null)
  })
  app.get('/api/v4/events', (c) => {
    if (!api.hasEvents) return problem(404, 'Not Found')
    const types = c.req.query('filter[type]')?.split(',')
    const isWithin = within(api, c, 'created_at')
    const events = api.account.happenings
      .filter((event) => (!types || types.includes(event.type)) && isWithin(event.at))
      .toReversed()
      .map(({ id, type, entityId, at }) => ({
        ...{ id, type, entity_id: entityId, entity_type: 'lead', created_by: 9_000_001, created_at: seconds(at) },
        ...{ value_after: [], value_before: [], account_id: api.accountId },
      }))
    return listOf(c, api, 'events', events, 100)
  })
}

function addLeads(app: Hono, api: Api): void {
  const { account } = api
  app.get('/api/v4/leads/pipelines', (c) => {
    const statuses = [
      { id: WON, name: 'Успешно реализовано' },
      { id: 143, name: 'Закрыто и не реализовано' },
    ]
    const pipelines = PIPELINES.map((id) => ({ id, name: `Воронка ${id}`, _embedded: { statuses } }))
    return listOf(c, api, 'pipelines', pipelines)
  })
  app.get('/api/v4/leads', (c) => {
    api.onList?.('leads before')
    const query = c.req.query()
    const isWithin = within(api, c, 'updated_at')
    const isClosedWithin = within(api, c, 'closed_at')
    const ids = idsOf(c)
    const wantsBin = query['with'] === 'only_deleted'
    const [field, order] = query['order[id]']
      ? (['id', query['order[id]']] as const)
      : (['updatedAt', query['order[updated_at]'] ?? 'asc'] as const)
    const sign = order === 'desc' ? -1 : 1
    const deals = [...account.deals.values()]
      .filter((deal) => deal.place === (wantsBin ? 'bin' : 'list') && (!ids || ids.has(deal.id)))
      .filter((deal) => isWithin(deal.updatedAt) && isClosedWithin(deal.closedAt))
      .toSorted((a, b) => sign * (Number(a[field]) - Number(b[field])) || a.id - b.id)
    const shown = deals.map((deal) => (wantsBin ? binnedJson(deal) : show(api, deal.id, query['with'])))
    return listOf(c, api, 'leads', shown)
  })
  app.get('/api/v4/leads/:id', (c) => {
    const deal = account.deals.get(Number(c.req.param('id')))
    return one(api, deal?.place === 'list' ? show(api, deal.id, c.req.query('with')) : null)
  })
}

function show(api: Api, id: number, embedded = ''): Json {
  const deal = api.account.deal(id)
  const json = leadJson(deal, api.accountId, embedded.includes('contacts'))
  if (api.broken.has(id)) return { ...json, status_id: 'won' }
  if (api.unpriced.has(id)) return { ...json, price: {}, price_with_minor_units: 'много' }
  api.account.show(deal)
  return api.timeless.has(id) ? { ...json, updated_at: null } : json
}

function addCustomers(app: Hono, api: Api): void {
  const { account } = api
  const purchase = (id: number): Json => {
    const found = account.purchases.get(id)
    if (!found) throw new Error(`no purchase ${id}`)
    if (!found.deleted) found.shownAt = found.at
    return purchaseJson(found, api.accountId)
  }
  const purchases = (isListed: (id: number, customerId: number) => boolean) =>
    [...account.purchases.values()]
      .filter(({ id, customerId, isGone }) => !isGone && isListed(id, customerId))
      .map(({ id }) => purchase(id))
  app.get('/api/v4/customers/transactions', (c) => {
    const ids = idsOf(c)
    return listOf(
      c,
      api,
      'transactions',
      purchases((id) => !ids || ids.has(id)),
    )
  })
  app.get('/api/v4/customers/transactions/:id', (c) => {
    const found = account.purchases.get(Number(c.req.param('id')))
    return one(api, found && !found.isGone ? purchase(found.id) : null)
  })
  app.get('/api/v4/customers/:id/transactions', (c) => {
    const own = purchases((_, customerId) => customerId === Number(c.req.param('id')))
    return listOf(c, { ...api, isEndless: true }, 'transactions', own)
  })
  app.get('/api/v4/customers', (c) => {
    const isWithin = within(api, c, 'updated_at')
    const ids = idsOf(c)
    const withContacts = c.req.query('with')?.includes('contacts') ?? false
    const customers = [...account.customers]
      .filter(([id, { updatedAt }]) => (!ids || ids.has(id)) && isWithin(updatedAt))
      .map(([id, { contactId, updatedAt }]) => customerJson(id, contactId, updatedAt, withContacts))
    return listOf(c, api, 'customers', customers)
  })
}

function addInvoices(app: Hono, api: Api): void {
  const { account } = api
  const invoice = (id: number): Json | null => {
    const found = account.invoices.get(id)
    if (!found || found.isGone) return null
    if (found.status === 'paid') found.shownAt = invoiceTime(found)
    const json = invoiceJson(found, CATALOG_ID)
    return api.timeless.has(id) ? { ...json, updated_at: null } : json
  }
  app.get('/api/v4/catalogs', (c) => {
    const isShown = (c.req.query('filter[type]') ?? 'invoices') === 'invoices' && api.hasInvoices
    return listOf(c, api, 'catalogs', isShown ? [{ id: CATALOG_ID, name: 'Счета-покупки', type: 'invoices' }] : [])
  })
  app.get(`/api/v4/catalogs/${CATALOG_ID}/elements`, (c) => {
    const ids = idsOf(c)
    const listed = [...account.invoices.keys()].filter((id) => !ids || ids.has(id))
    return listOf(
      c,
      api,
      'elements',
      listed.map(invoice).filter((shown) => shown !== null),
    )
  })
  app.get(`/api/v4/catalogs/${CATALOG_ID}/elements/:id`, (c) => one(api, invoice(Number(c.req.param('id')))))
}
