// A YCLIENTS that can be run anywhere: strict about what is documented (headers, envelope, paging, dates), full of the
// oddities that live bodies have. Sources: the connector's README. `/_sandbox/…` shows and changes what is inside.
import { Hono } from 'hono'
import * as z from 'zod'
import { localDate, localDateTime } from '#lib/time.ts'
import { createFaults } from '#sandbox/faults.ts'
import { createHooks } from '#sandbox/hooks.ts'
import { addInside } from '#sandbox/sandbox.ts'
import { fillSalon } from '#sandbox/yclients/demo.ts'
import { addGuards, type Asked, failure } from '#sandbox/yclients/guards.ts'
import { addHookSettings, OFF, sendHooks } from '#sandbox/yclients/hooks.ts'
import { editSalon } from '#sandbox/yclients/edits.ts'
import { isPaid, isSale } from '#sandbox/yclients/ledger.ts'
import { createMarketplace } from '#sandbox/yclients/marketplace.ts'
import type { Operation, Visit } from '#sandbox/yclients/books.ts'
import { createSalon, type Salon } from '#sandbox/yclients/salon.ts'
import type { Branch, YclientsSandbox } from '#sandbox/yclients/state.ts'
import { createWire, type Wire } from '#sandbox/yclients/wire.ts'

export type { YclientsSandbox } from '#sandbox/yclients/state.ts'

export interface SandboxOptions {
  readonly now?: () => Date
  /** Two months of demo data, up to now or to a given time. */
  readonly demo?: boolean | Date
  /** How many days of it instead. */
  readonly days?: number
  readonly zone?: string
  /** Branches of one business; their zones differ. */
  readonly branches?: number
  /** Further branches, of businesses that have not connected yet. */
  readonly newcomers?: number
  /** The server's own limit of rows a page. */
  readonly countMax?: number
  readonly seed?: number
  readonly brand?: keyof typeof ACCEPT
  /** The number of the first branch. */
  readonly firstBranch?: number
}

const ACCEPT = { yclients: 'application/vnd.yclients.v2+json', altegio: 'application/vnd.api.v2+json' } as const
const TITLES = ['Студия «Север»', 'Студия «Юг»', 'Студия «Восток»'] as const
const FIRST = 540_112
/** Ids are unique among branches. */
const BRANCH_IDS = 10_000_000

export function createYclientsSandbox(options: SandboxOptions = {}): YclientsSandbox {
  const { now = () => new Date(), zone = 'Europe/Moscow', countMax = 300, brand = 'yclients' } = options
  const { branches: own = 1, newcomers = 0 } = options
  const branches = Array.from({ length: own + newcomers }, (_, index) =>
    openBranch(index, index === 1 ? 'Asia/Vladivostok' : zone, options, now),
  )
  const [first, ...others] = branches.slice(0, own)
  if (!first) throw new Error('a salon has a branch')
  const { companyId, title, salon } = first
  const keys = { apiKey: 'sandbox-partner-token', apiSecret: 'sandbox-user-token' }
  const [app, hooks, accept] = [new Hono(), createHooks(), ACCEPT[brand]]
  const marketplace = createMarketplace({ app, branches, hooks, now, accept })
  const sandbox: YclientsSandbox = {
    ...{ app, branches, hooks, accept, marketplace },
    salon,
    ledger: () => branches.slice(0, own).flatMap((branch) => branch.salon.ledger()),
    faults: createFaults(options.seed),
    requests: [],
    get hookSettings() {
      return first.hookSettings
    },
    set hookSettings(settings) {
      first.hookSettings = settings
    },
    credentials: { ...keys, companyId },
    connection: {
      crmType: 'yclients',
      credentials: keys,
      additionalConfig: {
        ...(brand === 'altegio' && { brand }),
        ...(others.length > 0 ? { companyIds: [first, ...others].map((one) => one.companyId) } : { companyId }),
      },
    },
    business: { name: title, timezone: zone, currency: 'RUB' },
    denied: new Set(),
    onList: null,
    onRecord: null,
    emptyLists: false,
    unknownFields: false,
    broken: new Set(),
  }
  addGuards(sandbox)
  addApi(sandbox, countMax)
  for (const branch of branches) sendHooks(sandbox, branch, createWire(branch.zone))
  const { faults, requests, ledger } = sandbox
  const edit = (input: unknown) =>
    Revoke.safeParse(input).success ? revokeToken(sandbox) : editSalon(salonOf(branches, input) ?? salon, input)
  addInside(app, { faults, requests, ledger, edit })
  return sandbox
}

const Revoke = z.object({ do: z.literal('revoke-token') })

/** The owner makes a new token in YCLIENTS, and the one that was given to the service is good for nothing any more. */
function revokeToken({ credentials }: YclientsSandbox): { readonly apiSecret: string } {
  const apiSecret = `${credentials.apiSecret}-anew`
  Object.assign(credentials, { apiSecret })
  return { apiSecret }
}

/** The salon of the branch that an edit names; null: it names none. */
function salonOf(branches: readonly Branch[], input: unknown): Salon | null {
  const named = typeof input === 'object' && input !== null && 'branch' in input ? String(input.branch) : null
  return branches.find(({ companyId }) => companyId === named)?.salon ?? null
}

function openBranch(index: number, zone: string, options: SandboxOptions, now: () => Date): Branch {
  const { demo, days, seed, firstBranch = FIRST } = options
  const salon = createSalon(now, 900_000_000 + index * BRANCH_IDS)
  const filling = { days, seed: seed === undefined && index === 0 ? undefined : (seed ?? 7) + index }
  if (demo) fillSalon(salon, demo === true ? undefined : demo, filling)
  const title = TITLES[index] ?? `Студия ${index + 1}`
  return { companyId: String(firstBranch + index), title, zone, salon, hookSettings: OFF, trouble: null }
}

/** Enough to look around in: more days take more requests, and a start waits for them at the pace of YCLIENTS. */
const DEMO_DAYS = 6

/**
 * The demo salon of `npm start`, whose first sync reads all of it, and another one that may install the app from the
 * marketplace.
 */
export function createYclientsDemo(filledAt: Date): YclientsSandbox {
  const sandbox = createYclientsSandbox({ demo: filledAt, days: DEMO_DAYS, newcomers: 1 })
  for (const { salon } of sandbox.branches) salon.startIdsAbove(Math.floor(Date.now() / 1000))
  const { connection, branches, marketplace } = sandbox
  const [, newcomer] = branches
  if (!newcomer) throw new Error('a salon that has not connected yet')
  const additionalConfig = { ...connection.additionalConfig, initialDays: DEMO_DAYS + 1 }
  return Object.assign(sandbox, {
    connection: { ...connection, additionalConfig },
    newcomer: { branchId: newcomer.companyId, name: newcomer.title },
    vars: (at: { readonly sandbox: string; readonly service: string }) => registerApp(marketplace, at),
  })
}

/** Enters the service's addresses in the card of the app, and returns what the operator sets for it. */
function registerApp(
  { app, card }: YclientsSandbox['marketplace'],
  at: { readonly sandbox: string; readonly service: string },
): Readonly<Record<string, string>> {
  card.registrationUrl = `${at.service}/v1/marketplace/yclients/install`
  card.callbackUrl = `${at.service}/v1/marketplace/yclients/events`
  return {
    YCLIENTS_PARTNER_TOKEN: app.partnerToken,
    YCLIENTS_APPLICATION_ID: app.applicationId,
    YCLIENTS_USER_TOKEN: app.userToken,
    YCLIENTS_API_URL: at.sandbox,
  }
}

function addApi(sandbox: YclientsSandbox, countMax: number): void {
  const { app, denied } = sandbox
  const ok = (data: unknown, meta: unknown) =>
    Response.json(sandbox.unknownFields ? withUnknown({ success: true, data, meta }) : { success: true, data, meta })
  const branchOf = (c: Asked) => {
    const branch = sandbox.branches.find(({ companyId }) => companyId === c.req.param('company'))
    if (!branch) throw new Error('no such branch')
    return { ...branch, wire: createWire(branch.zone) }
  }
  type Opened = ReturnType<typeof branchOf>
  const showVisit = ({ salon, wire, companyId }: Opened, visit: Visit, withPayments: boolean) => {
    const shown = { ...wire.visit(visit, salon.paymentsOf(visit), withPayments), company_id: Number(companyId) }
    if (sandbox.broken.has(visit.id)) return { ...shown, date: null }
    if (isPaid(visit)) visit.shownPaidAt = visit.at
    const client = 'client' in shown && typeof shown.client === 'object' ? shown.client : null
    return denied.has('phones') && client ? { ...shown, client: { ...client, phone: '' } } : shown
  }
  const showOperation = ({ salon, wire }: Opened, operation: Operation) => {
    const entry = isSale(operation) ? salon.sale(operation.documentId) : null
    if (entry) salon.shownSales.set(operation.documentId, entry)
    return wire.operation(operation)
  }
  app.get('/api/v1/company/:company', (c) => {
    const { companyId, title, zone } = branchOf(c)
    return ok({ id: Number(companyId), title, currency_short_title: '₽', timezone: zone, active: 1 }, [])
  })
  app.get('/api/v1/records/:company', (c) => {
    const branch = branchOf(c)
    const at = paging(c.req.query(), countMax)
    sandbox.onList?.('records', at.page)
    const all = (sandbox.emptyLists ? [] : [...branch.salon.visits.values()])
      .filter(visitFilter(c.req.query(), branch.zone))
      .toSorted((a, b) => b.id - a.id)
    const rows = all.slice((at.page - 1) * at.count, at.page * at.count)
    const withPayments = c.req.query('include_finance_transactions') === '1'
    return ok(
      rows.map((visit) => showVisit(branch, visit, withPayments)),
      { page: at.page, total_count: all.length },
    )
  })
  app.get('/api/v1/record/:company/:id', async (c) => {
    const branch = branchOf(c)
    const visit = branch.salon.visits.get(Number(c.req.param('id')))
    const answer = visit
      ? ok(showVisit(branch, visit, c.req.query('include_finance_transactions') === '1'), [])
      : failure('Не найдено', 404)
    await sandbox.onRecord?.()
    return answer
  })
  app.get('/api/v1/transactions/:company', (c) => {
    const branch = branchOf(c)
    const at = paging(c.req.query(), countMax)
    sandbox.onList?.('transactions', at.page)
    const all = (sandbox.emptyLists && !c.req.query('document_id') ? [] : [...branch.salon.operations.values()])
      .filter(operationFilter(c.req.query(), branch.zone))
      .toSorted((a, b) => a.id - b.id)
    const rows = all.slice((at.page - 1) * at.count, at.page * at.count)
    return ok(
      rows.map((operation) => showOperation(branch, operation)),
      [],
    )
  })
  addDocuments(sandbox, branchOf, ok)
  addHookSettings(sandbox, ok)
  addUsers(sandbox, ok)
  app.all('/api/v1/*', () => failure('Не найдено', 404))
}

/** The users of a branch; the system user of the app is not shown. */
function addUsers({ app, marketplace }: YclientsSandbox, ok: Ok): void {
  app.get('/api/v1/company_users/:company', async () => {
    await marketplace.beforeAct?.('users')
    if (marketplace.faults.accessDelay > 0) {
      marketplace.faults.accessDelay -= 1
      return failure('Недостаточно прав', 403)
    }
    const { user_id: id, name: firstname, phone, email } = marketplace.owner
    const answer = ok([{ id, firstname, login: phone, phone, email, access: {} }], [])
    await marketplace.beforeAnswer?.('users')
    return answer
  })
}

type Ok = (data: unknown, meta: unknown) => Response

function addDocuments({ app }: YclientsSandbox, branchOf: (c: Asked) => Branch & { wire: Wire }, ok: Ok): void {
  app.get('/api/v1/company/:company/sale/:document', (c) => {
    const { salon, wire } = branchOf(c)
    const documentId = Number(c.req.param('document'))
    const visit = [...salon.visits.values()].find((one) => one.documentId === documentId)
    const payments = visit ? salon.paymentsOf(visit) : salon.saleOf(documentId)
    const document = visit
      ? { lines: [...visit.services, ...visit.goods], type: '' as const, loyalty: visit.loyalty }
      : salon.documents.get(documentId)
    if (!document || (!visit && payments.length === 0)) return failure('Не найдено', 404)
    return ok({ state: wire.document(document, payments) }, [])
  })
  app.get('/api/v1/visit/details/:company/:record/:visit', (c) => {
    const { salon, wire } = branchOf(c)
    const visit = salon.visits.get(Number(c.req.param('record')))
    if (!visit) return failure('Не найдено', 404)
    return ok({ loyalty_transactions: wire.loyalty(visit.loyalty), items: [] }, [])
  })
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
