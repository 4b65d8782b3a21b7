// An amoCRM account that can be run anywhere: its consent page, its token endpoint and its API, strict about what is
// documented (tokens, filters, 204 for nothing), full of the oddities that live bodies have. Sources: the connector's
// README. `/_sandbox/…` shows and changes what is inside.
import { Hono } from 'hono'
import * as z from 'zod'
import { type Account, createAccount, type Deal, LOST, OPEN, WON } from '#sandbox/amo_crm/account.ts'
import { addApi } from '#sandbox/amo_crm/api.ts'
import { addConsent, type ConsentServer } from '#sandbox/amo_crm/consent.ts'
import { fillAccount } from '#sandbox/amo_crm/demo.ts'
import { type Api, REFUSED } from '#sandbox/amo_crm/state.ts'
import { createTokens } from '#sandbox/amo_crm/tokens.ts'
import { createHooks, type Hooks } from '#sandbox/hooks.ts'
import { sendHooks } from '#sandbox/amo_crm/hooks.ts'
import { createFaults } from '#sandbox/faults.ts'
import { addInside, type Sandbox } from '#sandbox/sandbox.ts'

export interface AmoSandboxOptions {
  readonly now?: () => Date
  /** Two months of demo data, up to now or to a given time. */
  readonly demo?: boolean | Date
  readonly seed?: number
  /** The server's own limit of rows a page. */
  readonly rowsMax?: number
  readonly redirectUri?: string
  readonly accountId?: number
  /** Whether a deal counts as paid: won ones when left out. */
  readonly isPaid?: (deal: Deal) => boolean
  /** The host that knows where renamed accounts are; none when left out. */
  readonly apiDomain?: string
}

export interface AmoSandbox extends Sandbox, Api {
  readonly hooks: Hooks
  readonly app: Hono
  readonly requests: string[]
  readonly consent: ConsentServer
}

const LONG_LIVED = 'sandbox-long-lived-token'

export function createAmoSandbox(options: AmoSandboxOptions = {}): AmoSandbox {
  const { now = () => new Date(), rowsMax = 250, accountId = 31_000_001, apiDomain } = options
  const account = createAccount(now, options.isPaid)
  if (options.demo) fillAccount(account, options.demo === true ? undefined : options.demo, options.seed)
  const claims = () => ({
    aud: CLIENT_ID,
    sub: '9000001',
    account_id: sandbox.accountId,
    ...(apiDomain && { api_domain: apiDomain }),
  })
  const redirectUri = options.redirectUri ?? 'http://127.0.0.1:8787/v1/oauth/amo_crm/callback'
  const consent: ConsentServer = {
    app: { clientId: CLIENT_ID, clientSecret: 'sandbox-client-secret', redirectUri },
    tokens: createTokens({ now, accessSeconds: 86_400, claims }),
    tokenDelayMs: () => 0,
    losesAnswer: () => false,
    beforeTokens: null,
    beforeAnswer: null,
    movedTo: null,
    formerAnswer: 404,
  }
  const sandbox: AmoSandbox = {
    app: new Hono(),
    ...{ account, accountId, rowsMax, consent, faults: createFaults(options.seed), requests: [] },
    longLivedToken: LONG_LIVED,
    connection: { crmType: 'amo_crm', credentials: { apiKey: LONG_LIVED }, additionalConfig: {} },
    business: { name: 'Кофейня', timezone: 'Europe/Moscow', currency: 'RUB' },
    vars: (at) => ({
      AMO_CRM_CLIENT_ID: CLIENT_ID,
      AMO_CRM_CLIENT_SECRET: consent.app.clientSecret,
      AMO_CRM_REDIRECT_URI: (consent.app.redirectUri = `${at.service}/v1/oauth/amo_crm/callback`),
      AMO_CRM_CONSENT_URL: `${at.sandbox}/oauth`,
    }),
    ...{ denied: new Set(), refused: new Map(), missing: 204, rowsBearable: Infinity, overload: 504, isEndless: false },
    ...{ timeless: new Set(), unpriced: new Set(), staysDisabled: false },
    ...{ customersMode: 'segments', hasInvoices: true, hasEvents: true },
    ...{
      unknownFields: false,
      emptyLists: false,
      ignoresFilters: false,
      isBlocked: false,
      onList: null,
      onCall: null,
      broken: new Set(),
      hooks: createHooks(),
      hookEntries: new Map(),
    },
  }
  addConsent(sandbox.app, consent)
  addApi(sandbox.app, sandbox)
  sendHooks(sandbox)
  const { app, faults, requests } = sandbox
  addInside(app, { faults, requests, ledger: account.ledger, edit: (input) => edit(sandbox, Edit.parse(input)) })
  return sandbox
}

const CLIENT_ID = '11111111-2222-3333-4444-555555555555'

function addInvoice(account: Account, input: Extract<z.infer<typeof Edit>, { do: 'invoice' }>) {
  const { isByText, isByItems, paymentDate } = input
  const kopecks = Math.round(input.rubles * 100)
  // A discount that makes the sum of the line.
  const lines = isByItems ? [{ kopecks: kopecks + 10_000, quantity: 1, discountKopecks: 10_000 }] : null
  return account.addInvoice({ status: 'paid', isByText, paymentDate, lines, kopecks })
}

/** The demo account of `npm start`. */
export function createAmoDemo(filledAt: Date): AmoSandbox {
  const sandbox = createAmoSandbox({ demo: filledAt })
  sandbox.account.startIdsAbove(Date.now())
  return sandbox
}

const Edit = z.discriminatedUnion('do', [
  z.object({ do: z.literal('sell'), rubles: z.number() }),
  z.object({ do: z.enum(['win', 'lose', 'reopen', 'delete', 'restore']), id: z.number() }),
  z.object({ do: z.literal('price'), id: z.number(), rubles: z.number() }),
  z.object({ do: z.literal('refuse'), area: z.string(), by: z.enum(REFUSED).nullable() }),
  z.object({ do: z.literal('bear'), rows: z.int(), status: z.union([z.literal(500), z.literal(504)]) }),
  z.object({ do: z.literal('disable_hooks') }),
  z.object({
    do: z.literal('invoice'),
    rubles: z.number(),
    isByText: z.boolean().default(false),
    isByItems: z.boolean().default(false),
    paymentDate: z.enum(['timestamp', 'time', 'day']).default('timestamp'),
  }),
])

function edit(sandbox: AmoSandbox, input: z.infer<typeof Edit>): unknown {
  const { account, refused, hookEntries } = sandbox
  switch (input.do) {
    case 'refuse':
      if (input.by) refused.set(input.area, input.by)
      else refused.delete(input.area)
      return { refused: [...refused.keys()] }
    case 'bear':
      return Object.assign(sandbox, { rowsBearable: input.rows, overload: input.status }) && { rows: input.rows }
    case 'disable_hooks':
      for (const entry of hookEntries.values()) entry.disabled = true
      return { disabled: hookEntries.size }
    case 'invoice':
      return { id: addInvoice(account, input).id }
    case 'sell': {
      const [person] = account.people.values()
      const kopecks = Math.round(input.rubles * 100)
      return { id: account.addDeal({ statusId: WON, kopecks, contactIds: person ? [person.id] : [] }).id }
    }
    case 'price':
      account.touch(Object.assign(account.deal(input.id), { kopecks: Math.round(input.rubles * 100) }))
      return { id: input.id }
    case 'delete':
      account.remove(input.id)
      return { id: input.id }
    case 'restore':
      account.restore(input.id)
      return { id: input.id }
    case 'win':
    case 'lose':
    case 'reopen':
      account.moveTo(input.id, { win: WON, lose: LOST, reopen: OPEN }[input.do])
      return { id: input.id }
    default:
      throw new Error(`unknown edit ${String(input satisfies never)}`)
  }
}
