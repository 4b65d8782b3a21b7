// The marketplace of the platform: a click makes an installation `pending`, the partner's call within the hour finishes
// it, and then the partner's system user may read the branch. As strict as is known, and with what goes wrong there.
import type { Hono } from 'hono'
import * as z from 'zod'
import { localDateTime } from '#lib/time.ts'
import type { Hooks } from '#sandbox/hooks.ts'

/** What it does to a branch. */
interface Branch {
  readonly companyId: string
  readonly title: string
  hookSettings: { readonly urls: readonly string[]; readonly active: number; readonly [flag: string]: unknown }
}

type Status = 'pending' | 'active' | 'freezed' | 'uninstalled'

interface Installation {
  status: Status
  createdAt: Date
  readonly logs: { readonly at: Date; readonly from: Status; readonly to: Status; readonly source: string }[]
  urls: readonly string[]
}

export interface MarketplaceSandbox {
  readonly app: { readonly applicationId: string; readonly partnerToken: string; readonly userToken: string }
  /** Who may connect apps in the branches; what a click is signed with names one of them. */
  readonly owner: { readonly user_id: number; readonly name: string; readonly phone: string; readonly email: string }
  /** Entered in the card of the app: where a click sends the browser, and where events are sent. */
  readonly card: { registrationUrl: string; callbackUrl: string }
  readonly installations: Map<string, Installation>
  /** A click on "connect": the address that the browser is sent to. */
  connect(
    branchIds: readonly string[],
    options?: { readonly isSigned?: boolean; readonly userId?: number },
  ): Promise<string>
  /** A person removes the app in the vendor's own pages. */
  disconnect(branchId: string): void
  /** The licence of the app ends, or is paid again; only the end is told. */
  freeze(branchId: string): void
  pay(branchId: string): void
  isOpenFor(branchId: string): boolean
  readonly faults: {
    /** The app has not passed moderation. */
    isUnmoderated: boolean
    /** How often the branch's users are still without ours after the installation. */
    accessDelay: number
    /** Branches that the list leaves out. */
    readonly unlisted: Set<string>
    isListEmpty: boolean
  }
  /** Called before the named call acts, and before it is answered. */
  beforeAct: ((call: Call) => Promise<void>) | null
  beforeAnswer: ((call: Call) => Promise<void>) | null
}

export type Call = 'callback' | 'status' | 'uninstall' | 'list' | 'users'

const HOUR_MS = 60 * 60_000
const FLAGS = ['record', 'finances_operation', 'goods_operations_sale', 'client'] as const

interface Surroundings {
  readonly app: Hono
  readonly branches: readonly Branch[]
  readonly hooks: Hooks
  readonly now: () => Date
  readonly accept: string
}

export function createMarketplace(around: Surroundings): MarketplaceSandbox {
  const { branches, hooks, now } = around
  const installations = new Map<string, Installation>()
  const move = (branchId: string, to: Status, source: string) => {
    const known = installations.get(branchId)
    const installation: Installation = known ?? { status: 'uninstalled', createdAt: now(), logs: [], urls: [] }
    if (to === 'pending') installation.createdAt = now()
    installation.logs.push({ at: now(), from: installation.status, to, source })
    installation.status = to
    installations.set(branchId, installation)
    if (to === 'uninstalled') enterHooks(branches, branchId, installation, [])
  }
  const sandbox: MarketplaceSandbox = {
    app: { applicationId: '4711', partnerToken: 'sandbox-app-token', userToken: 'sandbox-system-user' },
    owner: { user_id: 77_001, name: 'Анна', phone: '79001234567', email: 'anna@example.com' },
    card: { registrationUrl: '', callbackUrl: '' },
    installations,
    connect: async (branchIds, { isSigned = true, userId } = {}) => {
      for (const branchId of branchIds) move(branchId, 'pending', 'marketplace')
      const url = new URL(sandbox.card.registrationUrl)
      const [only] = branchIds
      if (branchIds.length === 1) url.searchParams.set('salon_id', only ?? '')
      else for (const branchId of branchIds) url.searchParams.append('salon_ids[]', branchId)
      if (isSigned) await sign(sandbox, url.searchParams, userId)
      return url.href
    },
    disconnect: (branchId) => {
      move(branchId, 'uninstalled', 'marketplace')
      tell(sandbox, hooks, branchId, 'uninstall')
    },
    freeze: (branchId) => {
      move(branchId, 'freezed', 'billing')
      tell(sandbox, hooks, branchId, 'freeze')
    },
    pay: (branchId) => move(branchId, 'active', 'billing'),
    isOpenFor: (branchId) => installations.get(branchId)?.status === 'active',
    faults: { isUnmoderated: false, accessDelay: 0, unlisted: new Set(), isListEmpty: false },
    beforeAct: null,
    beforeAnswer: null,
  }
  addCalls(sandbox, around, move)
  addReads(sandbox, around)
  return sandbox
}

function tell({ app, card }: MarketplaceSandbox, hooks: Hooks, branchId: string, event: string): void {
  const about = { salon_id: Number(branchId), application_id: Number(app.applicationId) }
  const body = JSON.stringify({ ...about, event, partner_token: app.partnerToken })
  if (card.callbackUrl) hooks.send({ url: card.callbackUrl, headers: { 'content-type': 'application/json' }, body })
}

async function sign({ app, owner }: MarketplaceSandbox, search: URLSearchParams, userId = owner.user_id) {
  const bytes = new TextEncoder().encode(JSON.stringify({ ...owner, user_id: userId }))
  const secret = new TextEncoder().encode(app.partnerToken)
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  search.set('user_data', btoa(String.fromCharCode(...bytes)))
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes))
  search.set('user_data_sign', Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join(''))
}

/** What the partner asked for at the installation, beside what others have entered. */
function enterHooks(
  branches: readonly Branch[],
  branchId: string,
  installation: Installation,
  urls: readonly string[],
): void {
  const branch = branches.find(({ companyId }) => companyId === branchId)
  if (!branch) return
  const others = branch.hookSettings.urls.filter((url) => !installation.urls.includes(url))
  const all = [...others, ...urls]
  const flags = urls.length > 0 ? Object.fromEntries(FLAGS.map((name) => [name, 1])) : {}
  branch.hookSettings = { ...branch.hookSettings, ...flags, urls: all, active: all.length > 0 ? 1 : 0 }
  installation.urls = urls
}

function refuse(message: string, status: 400 | 401 | 403 | 404 | 422) {
  return Response.json({ success: false, data: null, meta: { message } }, { status })
}

function ok(data: unknown, status: 200 | 201 = 200) {
  return Response.json({ success: true, data, meta: [] }, { status })
}

const Callback = z.object({
  salon_id: z.int(),
  application_id: z.int(),
  webhook_urls: z.array(z.url()).optional(),
})

type Handler = (params: (name: string) => string, request: Request) => Response | Promise<Response>

/** Each call of the partner, in front of which stand its token, the versioned Accept and the number of its app. */
function guarded(sandbox: MarketplaceSandbox, { accept }: Surroundings, call: Call, handle: Handler) {
  return async (c: { readonly req: { param(name: string): string | undefined; readonly raw: Request } }) => {
    const { raw } = c.req
    const params = (name: string) => c.req.param(name) ?? ''
    if (raw.headers.get('accept') !== accept) return refuse('Не указан заголовок Accept', 400)
    if (raw.headers.get('authorization') !== `Bearer ${sandbox.app.partnerToken}`)
      return refuse('Authentication needed.', 401)
    if (params('application') !== '' && params('application') !== sandbox.app.applicationId)
      return refuse('Access denied.', 403)
    await sandbox.beforeAct?.(call)
    const answer = await handle(params, raw)
    await sandbox.beforeAnswer?.(call)
    return answer
  }
}

function addCalls(
  sandbox: MarketplaceSandbox,
  around: Surroundings,
  move: (branchId: string, to: Status, source: string) => void,
): void {
  const { app, branches, now } = around
  // For browsers: a server that calls it gets a page, and nothing is installed.
  app.post(
    '/marketplace/partner/callback/redirect',
    () => new Response('<!doctype html><title>Вход</title>', { headers: { 'content-type': 'text/html' } }),
  )
  app.post(
    '/marketplace/partner/callback',
    guarded(sandbox, around, 'callback', async (_params, request) => {
      const { data } = Callback.safeParse(await request.json().catch(() => null))
      if (!data) return refuse('Ошибка проверки', 422)
      if (String(data.application_id) !== sandbox.app.applicationId || sandbox.faults.isUnmoderated)
        return refuse('Access denied.', 403)
      const branchId = String(data.salon_id)
      const installation = sandbox.installations.get(branchId)
      if (installation?.status === 'active') return refuse('Пользователь уже установил это приложение.', 400)
      if (installation?.status !== 'pending') return refuse('Не найдено', 404)
      if (now().getTime() - installation.createdAt.getTime() > HOUR_MS) return refuse('Время подключения истекло.', 400)
      move(branchId, 'active', 'partner_api')
      enterHooks(branches, branchId, installation, data.webhook_urls ?? [])
      return ok([], 201)
    }),
  )
  app.post(
    '/marketplace/salon/:branch/application/:application/uninstall',
    guarded(sandbox, around, 'uninstall', (params) => {
      const installation = sandbox.installations.get(params('branch'))
      if (installation && installation.status !== 'uninstalled') move(params('branch'), 'uninstalled', 'partner_api')
      return ok([])
    }),
  )
  // The vendor's own page: a person clicks, and the browser goes to the address in the card of the app.
  app.get('/appstore/:branch/connect', async (c) => c.redirect(await sandbox.connect([c.req.param('branch')])))
  app.get('/appstore/:branch/disconnect', (c) => {
    sandbox.disconnect(c.req.param('branch'))
    return c.text('Приложение отключено.')
  })
}

function addReads(sandbox: MarketplaceSandbox, around: Surroundings): void {
  const { app, branches } = around
  const shown = (at: Date) => localDateTime(at, 'Europe/Moscow').replace('T', ' ')
  app.get(
    '/marketplace/salon/:branch/application/:application',
    guarded(sandbox, around, 'status', (params) => {
      const installation = sandbox.installations.get(params('branch'))
      const logs = (installation?.logs ?? []).map(({ at, from, to, source }) => ({
        ...{ changed_at: shown(at), status_from: from, status_to: to, source },
      }))
      const isThere = installation && installation.status !== 'uninstalled'
      const status = isThere ? { status: installation.status, created_at: shown(installation.createdAt) } : []
      return ok({ logs, payments: [], connection_status: status })
    }),
  )
  app.get(
    '/marketplace/application/:application/salons',
    guarded(sandbox, around, 'list', (_params, request) => {
      const { searchParams } = new URL(request.url)
      const [page, count] = [Number(searchParams.get('page')), Number(searchParams.get('count'))]
      if (!(page >= 1) || !(count >= 1) || count > 1000) return refuse('Ошибка проверки', 422)
      const { isListEmpty, unlisted } = sandbox.faults
      const connected = [...sandbox.installations].filter(
        ([id, { status }]) => !isListEmpty && !unlisted.has(id) && (status === 'active' || status === 'freezed'),
      )
      const rows = connected.slice((page - 1) * count, page * count)
      return ok(rows.map(([id]) => ({ id, title: branches.find(({ companyId }) => companyId === id)?.title ?? '' })))
    }),
  )
}
