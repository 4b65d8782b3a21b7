// What every vendor's sandbox is to those who start it, and what can be done to it at `/_sandbox/…`.
import type { Hono } from 'hono'
import * as z from 'zod'
import type { CrmType } from '#lib/crm-types.ts'
import { type Faults, FAULTS, FOREIGN_FAULTS } from '#sandbox/faults.ts'
import type { Hooks } from '#sandbox/hooks.ts'

export interface Sandbox {
  readonly app: { readonly fetch: (request: Request) => Response | Promise<Response> }
  readonly faults: Faults
  /** The webhooks it sends; left out: none. */
  readonly hooks?: Hooks
  /** `METHOD path?query` of every request that was answered. */
  readonly requests: readonly string[]
  /** The body of `POST /v1/integrations` that connects a business to it, but for its address. */
  readonly connection: {
    readonly crmType: CrmType
    readonly credentials: Readonly<Record<string, string>>
    readonly additionalConfig: Readonly<Record<string, unknown>>
  }
  /** Settings that name an address of the sandbox themselves. */
  readonly addressed?: (url: string) => Readonly<Record<string, unknown>>
  /** What the operator of the service sets for this vendor; for an app that is registered with it. */
  readonly vars?: (at: { readonly sandbox: string; readonly service: string }) => Readonly<Record<string, string>>
  /** A branch that may install the service's app at `/appstore/{branchId}/connect`, as its owner's browser does. */
  readonly newcomer?: { readonly branchId: string; readonly name: string }
  /** The business whose books these are. */
  readonly business: { readonly name: string; readonly timezone: string; readonly currency: string }
}

/** A record of some kind, as the books have it. */
export interface Recorded {
  /** By which the service would name it. */
  readonly externalId: string
  /** Null: it is no sale, or is not shown. */
  readonly status: 'paid' | 'unpaid' | 'cancelled' | null
}

/** Every kind of record that a vendor has, by a name of its own; each enters one. */
export type Kinds<S> = Readonly<Record<string, (sandbox: S) => Recorded>>

const AnyFault = z.enum([...FAULTS, ...FOREIGN_FAULTS])

const Plan = z.object({
  next: z.array(AnyFault).optional(),
  perCall: z.object({ times: z.int().min(0), faults: z.array(AnyFault) }).optional(),
  rate: z.number().min(0).max(1).optional(),
  every: z.int().min(0).optional(),
  kinds: z.array(AnyFault).min(1).optional(),
  path: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
})

interface Inside {
  readonly faults: Faults
  readonly requests: readonly string[]
  readonly ledger: () => unknown
  /** Every sandbox takes `{"do":"sell","rubles":n}`. Throws ZodError. */
  readonly edit: (input: unknown) => unknown
}

export function addInside(app: Hono, { faults, requests, ledger, edit }: Inside): void {
  app.get('/_sandbox/ledger', (c) => c.json(ledger()))
  app.get('/_sandbox/requests', (c) => c.json(requests))
  app.get('/_sandbox/faults', (c) => c.json({ plan: faults.plan, played: Object.fromEntries(faults.played) }))
  app.put('/_sandbox/faults', async (c) => {
    Object.assign(faults.plan, Plan.parse(await c.req.json()))
    return c.json(faults.plan)
  })
  app.post('/_sandbox/edit', async (c) => c.json(edit(await c.req.json())))
}
