// The OData service of the base: what a request may read, and in which form the answer goes out.
import type { Context } from 'hono'
import type { OneCSandbox } from '#sandbox/1c/state.ts'
import { parseFilter, Refusal, type Row, unknownField } from '#sandbox/1c/filter.ts'
import { isPaid } from '#sandbox/1c/shop.ts'

const ROOT = '/odata/standard.odata/'
const OPTIONS = new Set([
  '$format',
  '$filter',
  '$select',
  '$orderby',
  '$top',
  '$skip',
  '$inlinecount',
  'allowedOnly',
  '$allowedOnly',
])
/** One answer in so many begins with a byte order mark. */
const BOM_EVERY = 3

type Sets = ReadonlyMap<string, () => readonly Row[]>

export function addService(sandbox: OneCSandbox, sets: Sets): void {
  const { app, requests, credentials } = sandbox
  let inFlight = 0
  app.all(`${ROOT}*`, async (c) => {
    const url = new URL(c.req.url)
    requests.push(`${c.req.method} ${url.pathname}${url.search}`)
    inFlight += 1
    sandbox.inFlightMax = Math.max(sandbox.inFlightMax, inFlight)
    await new Promise((settle) => {
      setTimeout(settle, 0)
    })
    inFlight -= 1
    if (c.req.header('authorization') !== basic(credentials)) {
      return new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="1C:Enterprise"' } })
    }
    if ([...sandbox.lost].some((id) => url.pathname.includes(id))) return notFound()
    if (sandbox.isInMaintenance) return maintenance()
    try {
      const shown = answer(sandbox, sets, c)
      return typeof shown === 'string' ? new Response(shown) : json(sandbox, shown)
    } catch (error) {
      if (error instanceof Refusal && error.code === '') return new Response(error.message, { status: error.status })
      if (error instanceof Refusal) return refusal(error, wantsJson(c))
      throw error
    }
  })
  app.notFound(notFound)
}

/** Logins are barred. */
function maintenance(): Response {
  const exception = { '#type': 'jv8:Exception', '#value': { descr: 'Ведутся технические работы' } }
  const body = { 'odata.error': { code: '', message: { lang: 'ru', value: '' } }, '#exception': exception }
  return new Response(`\uFEFF${JSON.stringify(body)}`, { status: 403 })
}

/** Of the web server before 1C. */
function notFound(): Response {
  return new Response('<html><h1>404 - File or directory not found.</h1></html>', { status: 404 })
}

function basic({ apiKey, apiSecret }: OneCSandbox['credentials']): string {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${apiKey}:${apiSecret}`)))}`
}

function wantsJson(c: Context): boolean {
  return /json/.test(c.req.query('$format') ?? '') || /json/.test(c.req.header('accept') ?? '')
}

function json(sandbox: OneCSandbox, body: Row): Response {
  const shown = sandbox.unknownFields ? withUnknown(body) : body
  const bom = sandbox.requests.length % BOM_EVERY === 0 ? '\uFEFF' : ''
  return new Response(bom + JSON.stringify(shown), { headers: { 'content-type': 'application/json;charset=utf-8' } })
}

function refusal({ status, code, message }: Refusal, isJson: boolean): Response {
  const error = { 'odata.error': { code, message: { lang: 'ru', value: message } } }
  if (isJson) return Response.json(error, { status })
  const xml = `<?xml version="1.0"?><m:error xmlns:m="x"><m:code>${code}</m:code><m:message>${message}</m:message></m:error>`
  return new Response(xml, { status, headers: { 'content-type': 'application/xml' } })
}

function withUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknown)
  if (typeof value !== 'object' || value === null) return value
  const known = Object.entries(value).map(([name, part]): [string, unknown] => [name, withUnknown(part)])
  return { ...Object.fromEntries(known), НовыйРеквизит: { since: 2027, list: [1, 'a', null] } }
}

function answer(sandbox: OneCSandbox, sets: Sets, c: Context): Row | string {
  if (c.req.method !== 'GET') throw new Refusal(405, '19', 'Метод не поддерживается')
  const { pathname, search } = new URL(c.req.url)
  // A plus is a plus: a space has to be %20.
  if (search.includes('+')) throw new Refusal(400, '14', 'Ошибка разбора опций запроса')
  const query = c.req.query()
  const unknown = Object.keys(query).find((name) => !OPTIONS.has(name))
  if (unknown) throw new Refusal(400, '14', `Неизвестная опция ${unknown}`)
  if (!wantsJson(c)) return '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"></feed>'
  const path = decodeURIComponent(pathname.slice(ROOT.length))
  if (path === '')
    return { 'odata.metadata': '$metadata', value: [...sandbox.published].map((name) => ({ name, url: name })) }
  const [, set = '', id, count] = /^([^(/]+)(?:\(guid'([0-9a-fA-F-]{36})'\))?(\/\$count)?$/u.exec(path) ?? []
  const rows = sandbox.published.has(set) ? sets.get(set) : undefined
  if (!rows) throw new Refusal(404, '8', `Набор сущностей "${set}" не найден`)
  if (sandbox.denied.has(set)) throw new Refusal(401, '20', 'Нарушение прав доступа!')
  const all = rows().map((row) => renamed(row, sandbox, set))
  if (id) return { 'odata.metadata': `$metadata#${set}/@Element`, ...single(sandbox, all, id.toLowerCase()) }
  sandbox.onList?.()
  const { total, page } = list(sandbox, { set, all, query })
  if (count) return `\uFEFF${total}`
  return {
    'odata.metadata': `$metadata#${set}`,
    ...(query['$inlinecount'] === 'allpages' && { 'odata.count': String(total) }),
    value: page,
  }
}

function renamed(row: Row, { renamed: names, broken, sumless, lacking }: OneCSandbox, set: string): Row {
  if (!set.startsWith('Document_')) return row
  const id = String(row['Ref_Key'])
  const fields = Object.entries(row).map(([name, value]): [string, unknown] => [names.get(name) ?? name, value])
  const shown = lacking.has(id) ? fields.filter(([name]) => name !== 'СуммаДокумента') : fields
  return {
    ...Object.fromEntries(shown),
    ...(broken.has(id) && { СуммаДокумента: 'сто рублей' }),
    ...(sumless.has(id) && { СуммаДокумента: null }),
  }
}

function single(sandbox: OneCSandbox, all: readonly Row[], id: string): Row {
  const row = all.find((one) => one['Ref_Key'] === id)
  if (!row) throw new Refusal(404, '9', 'Экземпляр сущности не найден')
  if (sandbox.hidden.has(id)) throw new Refusal(401, '20', 'Нарушение прав доступа!')
  markShown(sandbox, row)
  const isWithoutSum = sandbox.sumless.has(id) || sandbox.lacking.has(id)
  const receipt = isWithoutSum ? sandbox.shop.receipts.get(id) : undefined
  return receipt ? { ...row, СуммаДокумента: receipt.kopecks / 100 } : row
}

interface Listing {
  readonly set: string
  readonly all: readonly Row[]
  readonly query: Readonly<Record<string, string>>
}

function list(
  sandbox: OneCSandbox,
  { set, all, query }: Listing,
): { readonly total: number; readonly page: readonly Row[] } {
  const template = all.find((row) => !sandbox.lacking.has(String(row['Ref_Key'])))
  const filter = query['$filter']
  if (sandbox.noDateFilter && /\bDate\b/.test(filter ?? ''))
    throw new Refusal(500, sandbox.refusesInText ? '' : '-1', 'Операция не разрешена в предложении "ГДЕ"')
  // Of an empty set nothing can be checked.
  const test = filter && template ? parseFilter(filter, template) : () => true
  const seesAll = (query['allowedOnly'] ?? query['$allowedOnly']) !== 'true'
  const found = all.filter((row) => test(row))
  if (seesAll && found.some((row) => sandbox.hidden.has(String(row['Ref_Key']))))
    throw new Refusal(401, '20', 'Нарушение прав доступа!')
  const visible =
    sandbox.emptyLists && set.startsWith('Document_')
      ? []
      : found.filter((row) => !sandbox.hidden.has(String(row['Ref_Key'])))
  const skip = whole(query['$skip'], 0)
  const sorted = sort(sandbox, visible, set, query['$orderby'], template)
  const rows = sorted.slice(skip, skip + whole(query['$top'], Infinity))
  const fields = query['$select']?.split(',') ?? null
  const missing = fields?.find((field) => field !== '*' && template && !(field in template))
  if (missing) throw unknownField(missing)
  const page = fields ? rows.map((row) => only(row, fields)) : rows
  if (page.length > sandbox.rowsMax && page.some((row) => Object.values(row).some(Array.isArray))) {
    throw new Refusal(500, '-1', 'Недостаточно памяти')
  }
  for (const row of page) markShown(sandbox, row)
  return { total: visible.length, page }
}

function whole(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^\d+$/.test(text)) throw new Refusal(400, '14', 'Ожидалось целое число')
  return Number(text)
}

/** Without an order rows come in that of their keys. Equal dates come in another order every time. */
function sort(
  sandbox: OneCSandbox,
  rows: readonly Row[],
  set: string,
  orderby: string | undefined,
  template: Row | undefined,
): Row[] {
  const turn = sandbox.requests.length
  const tie = (row: Row) => Number.parseInt(String(row['Ref_Key']).slice(turn % 4, (turn % 4) + 4), 16)
  const byKey = rows.toSorted((a, b) => compare(String(a['Ref_Key']), String(b['Ref_Key'])))
  if (orderby === undefined || sandbox.noOrder) return byKey
  const [, field = '', direction] = /^(\S+?)(?: (asc|desc))?$/u.exec(orderby) ?? []
  if (template && !(field in template)) throw unknownField(field)
  if (set.includes('Register_')) throw new Refusal(500, '-1', 'Поле не найдено "АВТОУПОРЯДОЧИВАНИЕ"')
  // References are ordered by how they are presented.
  const shownAs = (row: Row) => String(field.endsWith('_Key') ? (row['Number'] ?? row['Description']) : row[field])
  const sorted = byKey.toSorted((a, b) => compare(shownAs(a), shownAs(b)) || tie(a) - tie(b))
  return direction === 'desc' ? sorted.toReversed() : sorted
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function only(row: Row, fields: readonly string[]): Row {
  return fields.includes('*') ? row : Object.fromEntries(fields.map((field) => [field, row[field]]))
}

/** A service that was shown the sum of a paid receipt must have it from then on. */
function markShown({ shop, hidden }: OneCSandbox, row: Row): void {
  const receipt = shop.receipts.get(String(row['Ref_Key']))
  const isWhole = Object.values(row).some(Array.isArray)
  if (!receipt || !isWhole || hidden.has(receipt.id)) return
  const isWorthless = receipt.isEmptied && row['СуммаДокумента'] === 0 && receipt.shownPaidAt === null
  if (isWorthless) return
  const lines = receipt.isEmptied ? (receipt.shown?.lines ?? []) : [...receipt.lines]
  receipt.shown = { ...receipt, lines, shown: null }
  if (isPaid(receipt)) receipt.shownPaidAt = receipt.at
  receipt.shown.shownPaidAt = receipt.shownPaidAt
}
