// A YCLIENTS that can be run anywhere: strict about what is documented (headers, envelope, paging, dates), full of the
// oddities that live bodies have. Sources: the connector's README. `/_sandbox/…` shows and changes what is inside.
import { Hono } from 'hono'
import * as z from 'zod'
import { localDate, localDateTime } from '#lib/time.ts'
import { createFaults } from '#sandbox/faults.ts'
import { createHooks } from '#sandbox/hooks.ts'
import { addInside } from '#sandbox/sandbox.ts'
import { fillSalon } from '#sandbox/yclients/demo.ts'
import { addHookSettings, OFF, sendHooks } from '#sandbox/yclients/hooks.ts'
import {
  createSalon,
  isPaid,
  isSale,
  type Operation,
  type Salon,
  saleEntry,
  type Visit,
} from '#sandbox/yclients/salon.ts'
import type { YclientsSandbox } from '#sandbox/yclients/state.ts'
import { createWire } from '#sandbox/yclients/wire.ts'

export type { YclientsSandbox } from '#sandbox/yclients/state.ts'

export interface SandboxOptions {
  readonly now?: () => Date
  /** Two months of demo data, up to now or to a given time. */
  readonly demo?: boolean | Date
  /** How many days of it instead. */
  readonly days?: number
  readonly zone?: string
  /** The server's own limit of rows a page. */
  readonly countMax?: number
  readonly seed?: number
}

const ACCEPT = 'application/vnd.yclients.v2+json'
const COMPANY = { id: 540_112, title: 'Студия «Север»', currency_short_title: '₽' }
const OFFSETS: Readonly<Record<string, string>> = { 'Europe/Moscow': '+03:00', 'Asia/Vladivostok': '+10:00' }

export function createYclientsSandbox(options: SandboxOptions = {}): YclientsSandbox {
  const { now = () => new Date(), zone = 'Europe/Moscow', countMax = 300 } = options
  const salon = createSalon(now)
  if (options.demo)
    fillSalon(salon, options.demo === true ? undefined : options.demo, { days: options.days, seed: options.seed })
  const companyId = String(COMPANY.id)
  const keys = { apiKey: 'sandbox-partner-token', apiSecret: 'sandbox-user-token' }
  const sandbox: YclientsSandbox = {
    app: new Hono(),
    salon,
    faults: createFaults(options.seed),
    requests: [],
    hooks: createHooks(),
    hookSettings: OFF,
    credentials: { ...keys, companyId },
    connection: { crmType: 'yclients', credentials: keys, additionalConfig: { companyId } },
    business: { name: COMPANY.title, timezone: zone, currency: 'RUB' },
    denied: new Set(),
    onList: null,
    onRecord: null,
    emptyLists: false,
    unknownFields: false,
    broken: new Set(),
  }
  addGuards(sandbox)
  addApi(sandbox, zone, countMax)
  sendHooks(sandbox, createWire(zone, OFFSETS[zone] ?? '+00:00'))
  const { app, faults, requests } = sandbox
  addInside(app, { faults, requests, ledger: salon.ledger, edit: (input) => edit(salon, Edit.parse(input)) })
  return sandbox
}

/** The demo salon of `npm start`. */
export function createYclientsDemo(filledAt: Date): YclientsSandbox {
  const sandbox = createYclientsSandbox({ demo: filledAt })
  sandbox.salon.startIdsAbove(Math.floor(Date.now() / 1000))
  return sandbox
}

function failure(message: string, status: 400 | 401 | 403 | 404 | 402) {
  return Response.json({ success: false, data: null, meta: { message } }, { status })
}

function addGuards({ app, requests, credentials, denied }: YclientsSandbox): void {
  app.use('/api/v1/*', async (c, next) => {
    const { apiKey, apiSecret } = credentials
    const url = new URL(c.req.url)
    requests.push(`${c.req.method} ${url.pathname}${url.search}`)
    if (c.req.header('accept') !== ACCEPT) return failure('Не указан заголовок Accept', 400)
    if (c.req.header('authorization') !== `Bearer ${apiKey}, User ${apiSecret}`)
      return failure('Необходима авторизация', 401)
    if (denied.has('licence')) return failure('Необходимо продлить лицензию филиала', 403)
    return next()
  })
  app.use('/api/v1/:area/:company/*', guardCompany)
  app.use('/api/v1/:area/:company', guardCompany)
  async function guardCompany(c: { req: { param(name: string): string | undefined } }, next: () => Promise<void>) {
    if (c.req.param('company') !== credentials.companyId) return failure('Филиал не найден.', 404)
    const needed: Readonly<Record<string, string>> = {
      records: 'records',
      record: 'records',
      transactions: 'finances',
      hooks_settings: 'settings',
    }
    if (denied.has(needed[c.req.param('area') ?? ''] ?? '')) return failure('Недостаточно прав', 403)
    await next()
    return undefined
  }
}

function addApi(sandbox: YclientsSandbox, zone: string, countMax: number): void {
  const { app, salon, denied } = sandbox
  const ok = (data: unknown, meta: unknown) =>
    Response.json(sandbox.unknownFields ? withUnknown({ success: true, data, meta }) : { success: true, data, meta })
  const wire = createWire(zone, OFFSETS[zone] ?? '+00:00')
  const showVisit = (visit: Visit, withPayments: boolean) => {
    const shown = wire.visit(visit, salon.paymentsOf(visit), withPayments)
    if (sandbox.broken.has(visit.id)) return { ...shown, date: null }
    if (isPaid(visit)) visit.shownPaidAt = visit.at
    return denied.has('phones') && typeof shown['client'] === 'object'
      ? { ...shown, client: { ...shown['client'], phone: '' } }
      : shown
  }
  const showOperation = (operation: Operation) => {
    if (isSale(operation)) {
      const entry = saleEntry(operation.documentId, salon.saleOf(operation.documentId))
      if (entry) salon.shownSales.set(operation.documentId, entry)
    }
    return wire.operation(operation)
  }
  app.get('/api/v1/company/:company', () => ok({ ...COMPANY, timezone: zone, active: 1 }, []))
  app.get('/api/v1/records/:company', (c) => {
    const at = paging(c.req.query(), countMax)
    sandbox.onList?.('records', at.page)
    const all = (sandbox.emptyLists ? [] : [...salon.visits.values()])
      .filter(visitFilter(c.req.query(), zone))
      .toSorted((a, b) => b.id - a.id)
    const rows = all.slice((at.page - 1) * at.count, at.page * at.count)
    const withPayments = c.req.query('include_finance_transactions') === '1'
    return ok(
      rows.map((visit) => showVisit(visit, withPayments)),
      { page: at.page, total_count: all.length },
    )
  })
  app.get('/api/v1/record/:company/:id', async (c) => {
    const visit = salon.visits.get(Number(c.req.param('id')))
    const answer = visit
      ? ok(showVisit(visit, c.req.query('include_finance_transactions') === '1'), [])
      : failure('Не найдено', 404)
    await sandbox.onRecord?.()
    return answer
  })
  app.get('/api/v1/transactions/:company', (c) => {
    const at = paging(c.req.query(), countMax)
    sandbox.onList?.('transactions', at.page)
    const all = (sandbox.emptyLists && !c.req.query('document_id') ? [] : [...salon.operations.values()])
      .filter(operationFilter(c.req.query(), zone))
      .toSorted((a, b) => a.id - b.id)
    return ok(all.slice((at.page - 1) * at.count, at.page * at.count).map(showOperation), [])
  })
  app.get('/api/v1/company/:company/sale/:document', (c) => {
    const operations = salon.saleOf(Number(c.req.param('document')))
    if (operations.length === 0) return failure('Не найдено', 404)
    return ok(
      {
        state: {
          items: [],
          payment_transactions: operations.map(({ id, kopecks }) => ({ id, amount: kopecks / 100 })),
        },
      },
      [],
    )
  })
  addHookSettings(sandbox, ok)
  app.all('/api/v1/*', () => failure('Не найдено', 404))
}

function withUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknown)
  if (typeof value !== 'object' || value === null) return value
  const known = Object.entries(value).map(([name, part]): [string, unknown] => [name, withUnknown(part)])
  return { ...Object.fromEntries(known), brand_new: { since: 2027, list: [1, 'a', null] } }
}

type Query = Readonly<Record<string, string>>

function paging(query: Query, countMax: number): { readonly page: number; readonly count: number } {
  const page = Math.max(Number(query['page'] ?? 1), 1)
  return { page, count: Math.min(Math.max(Number(query['count'] ?? 50), 1), countMax) }
}

function visitFilter(query: Query, zone: string): (visit: Visit) => boolean {
  const { changed_after: after = '', changed_before: before = '~', start_date: start = '', end_date: end = '~' } = query
  return (visit) => {
    const changed = localDateTime(visit.changedAt, zone)
    const day = localDate(visit.at, zone)
    const isVisible = query['with_deleted'] === '1' || !visit.deleted
    return isVisible && changed >= after && changed <= before && day >= start && day <= end
  }
}

function operationFilter(query: Query, zone: string): (operation: Operation) => boolean {
  const { start_date: start = '', end_date: end = '~', document_id: documentId = '' } = query
  return (operation) => {
    const day = localDate(operation.at, zone)
    return day >= start && day <= end && (documentId === '' || String(operation.documentId) === documentId)
  }
}

const Edit = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['pay', 'unpay', 'delete', 'vanish', 'noshow']), id: z.number() }),
  z.object({ do: z.literal('visit'), rubles: z.number() }),
  z.object({ do: z.literal('sell'), rubles: z.number() }),
  z.object({ do: z.literal('remove-sale'), documentId: z.number() }),
])

function edit(salon: Salon, input: z.infer<typeof Edit>): unknown {
  const now = salon.now()
  now.setUTCMilliseconds(0)
  switch (input.do) {
    case 'visit': {
      const line = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: Math.round(input.rubles * 100) }
      const visit = salon.addVisit({ at: now, services: [line], attendance: 1 })
      salon.pay(visit.id)
      return { id: visit.id }
    }
    case 'sell':
      return {
        documentId: salon.sell(now, [
          { id: 3360, title: 'Шампунь', quantity: 1, kopecks: Math.round(input.rubles * 100) },
        ]),
      }
    case 'remove-sale':
      salon.removeSale(input.documentId)
      return { documentId: input.documentId }
    case 'pay':
      salon.get(input.id).attendance = 1
      salon.pay(input.id)
      return { id: input.id }
    case 'unpay':
      salon.withdrawPayment(input.id)
      return { id: input.id }
    case 'delete':
      salon.touch(Object.assign(salon.get(input.id), { deleted: true }))
      return { id: input.id }
    case 'noshow':
      salon.touch(Object.assign(salon.get(input.id), { attendance: -1 }))
      return { id: input.id }
    case 'vanish':
      salon.vanish(input.id)
      return { id: input.id }
    default:
      throw new Error(`unknown edit ${String(input satisfies never)}`)
  }
}
