// A Renovatio installation that can be run anywhere: strict about what is known (POST, form, key in the body, rights
// per method, an envelope around everything), full of the oddities that live answers have. Sources: the connector's
// README.
import { Hono } from 'hono'
import * as z from 'zod'
import { createHooks } from '#sandbox/hooks.ts'
import { createFaults } from '#sandbox/faults.ts'
import { type Clinic, createClinic } from '#sandbox/renovatio/clinic.ts'
import { fillClinic } from '#sandbox/renovatio/demo.ts'
import { invoiceLedger, visitLedger } from '#sandbox/renovatio/ledger.ts'
import { sendHooks } from '#sandbox/renovatio/hooks.ts'
import { addMethods } from '#sandbox/renovatio/methods.ts'
import { CLINICS } from '#sandbox/renovatio/wire.ts'
import type { RenovatioSandbox } from '#sandbox/renovatio/state.ts'
import { addInside } from '#sandbox/sandbox.ts'

export type { RenovatioSandbox } from '#sandbox/renovatio/state.ts'

export interface RenovatioOptions {
  readonly now?: () => Date
  /** Two months of demo data, up to now or to a given time. */
  readonly demo?: boolean | Date
  readonly zone?: string
  readonly seed?: number
  /** Of the business that connects to it. */
  readonly additionalConfig?: Readonly<Record<string, unknown>>
}

export function createRenovatioSandbox(options: RenovatioOptions = {}): RenovatioSandbox {
  const { now = () => new Date(), zone = 'Europe/Moscow', seed, additionalConfig = {} } = options
  const clinic = createClinic(now)
  if (options.demo) fillClinic(clinic, options.demo === true ? undefined : options.demo, seed)
  const credentials = { apiKey: '5a0dbc0ffee0facade00000000005a0d' }
  const denied = new Set<string>()
  const phoneOf = (patient: { readonly phone: string | null } | null) => patient?.phone ?? null
  const sandbox: RenovatioSandbox = {
    app: new Hono(),
    ...{ clinic, zone, credentials, denied, absent: new Set(), refusals: new Map(), foreign: new Map() },
    ...{ clinics: { ...CLINICS }, hooks: createHooks(), hookUrl: null },
    faults: createFaults(seed),
    requests: [],
    connection: { crmType: 'renovatio', credentials, additionalConfig },
    business: { name: 'Клиника «Кедр»', timezone: zone, currency: 'RUB' },
    keyRefusal: { code: 401, desc: 'Unauthorized' },
    windowDaysMax: 31,
    endsAreOpen: false,
    filteredBy: 'at',
    emptyLists: false,
    emptyReads: false,
    areListsWrapped: false,
    unknownFields: false,
    broken: new Map(),
    onList: null,
    ledger: () => (denied.has('getInvoices') ? visitLedger(clinic, phoneOf) : invoiceLedger(clinic, phoneOf)),
  }
  sandbox.hooks.address = (url) => void (sandbox.hookUrl = url)
  sendHooks(sandbox)
  addMethods(sandbox)
  const { app, faults, requests, ledger } = sandbox
  addInside(app, { faults, requests, ledger, edit: (input) => edit(clinic, Edit.parse(input)) })
  return sandbox
}

/** The demo clinic of `npm start`. */
export function createRenovatioDemo(filledAt: Date): RenovatioSandbox {
  // At two calls a second three months would take a minute.
  const sandbox = createRenovatioSandbox({ demo: filledAt, additionalConfig: { initialDays: 30 } })
  sandbox.clinic.startIdsAbove(Math.floor(Date.now() / 1000))
  return sandbox
}

const Edit = z.discriminatedUnion('do', [
  z.object({ do: z.literal('sell'), rubles: z.number() }),
  z.object({ do: z.enum(['pay', 'unpay', 'void', 'annul', 'refund', 'delete']), number: z.number() }),
  z.object({ do: z.literal('price'), number: z.number(), rubles: z.number() }),
  z.object({ do: z.enum(['complete', 'refuse', 'move']), id: z.number() }),
])

const BECOMES = { pay: 'paid', unpay: 'unpaid', void: 'voided', annul: 'annulled', refund: 'refunded' } as const

function edit(clinic: Clinic, input: z.infer<typeof Edit>): unknown {
  const ms = clinic.now().getTime()
  const minute = new Date(ms - (ms % 60_000))
  switch (input.do) {
    case 'sell': {
      const { number, visitId } = clinic.sell(minute, Math.round(input.rubles * 100))
      return { number, visitId }
    }
    case 'price':
      clinic.invoice(input.number).kopecks = Math.round(input.rubles * 100)
      return { number: input.number }
    case 'delete':
      clinic.deleteInvoice(input.number)
      return { number: input.number }
    case 'move':
      return { id: clinic.moveVisit(input.id, minute).id }
    case 'complete':
    case 'refuse':
      clinic.touch(Object.assign(clinic.visit(input.id), { status: input.do === 'complete' ? 'completed' : 'refused' }))
      return { id: input.id }
    case 'pay':
    case 'unpay':
    case 'void':
    case 'annul':
    case 'refund':
      clinic.setStatus(input.number, BECOMES[input.do])
      return { number: input.number }
    default:
      throw new Error(`unknown edit ${String(input satisfies never)}`)
  }
}
