// The sandboxes of the six CRMs, each served at an address of its own, and what an owner knows of his.
import * as z from 'zod'
import { freePort } from '#dev/free-port.ts'
import { serveSandbox } from '#dev/serve-sandbox.ts'
import { CRM_TYPES, type CrmType } from '#lib/crm-types.ts'
import { type AmoSandbox, createAmoSandbox } from '#sandbox/amo_crm.ts'
import { carryByNetwork } from '#sandbox/hooks.ts'
import { DEMOS } from '#sandbox/registry.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'

export interface Vendor {
  readonly crmType: CrmType
  readonly url: string
  readonly sandbox: Sandbox
  /** What its books say was paid. */
  readonly books: () => Promise<Books>
  readonly sell: (rubles: number) => Promise<void>
}

export interface Books {
  readonly count: number
  readonly amountMinor: number
}

export interface Vendors {
  readonly of: (type: CrmType) => Vendor
  /** What the service is set up with for them. */
  readonly variables: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

const Ledger = z.array(z.object({ status: z.string(), amountMinor: z.number() }))

export async function serveVendors(
  types: readonly CrmType[] = CRM_TYPES,
  nextPort: () => Promise<number> = freePort,
): Promise<Vendors> {
  const port = String(await nextPort())
  const redirectUri = `http://127.0.0.1:${port}/v1/oauth/amo_crm/callback`
  const amo = createAmoSandbox({ demo: true, redirectUri })
  const served = await Promise.all(
    types.map(async (type) => serveVendor(type === 'amo_crm' ? amo : demoOf(type), await nextPort())),
  )
  return {
    of: (type) => {
      const found = served.find(({ vendor }) => vendor.crmType === type)
      if (!found) throw new Error(`no sandbox of ${type} is served`)
      return found.vendor
    },
    variables: {
      ...registrationOf(amo, redirectUri, served.find(({ vendor }) => vendor.crmType === 'amo_crm')?.vendor.url),
      ...{ PORT: port, EGRESS_ALLOW_ORIGINS: served.map(({ vendor }) => vendor.url).join(',') },
    },
    close: async () => void (await Promise.all(served.map(async ({ close }) => close()))),
  }
}

function demoOf(type: CrmType): Sandbox {
  const sandbox = DEMOS[type]?.(new Date())
  if (!sandbox) throw new Error(`no demo of ${type}`)
  return sandbox
}

function registrationOf({ consent }: AmoSandbox, redirectUri: string, url?: string): Readonly<Record<string, string>> {
  if (url === undefined) return {}
  const { clientId, clientSecret } = consent.app
  return {
    ...{ AMO_CRM_CLIENT_ID: clientId, AMO_CRM_CLIENT_SECRET: clientSecret },
    ...{ AMO_CRM_REDIRECT_URI: redirectUri, AMO_CRM_CONSENT_URL: `${url}/oauth` },
  }
}

export async function serveVendor(sandbox: Sandbox, port?: number) {
  const { crmType } = sandbox.connection
  if (sandbox.hooks) sandbox.hooks.carry = carryByNetwork
  const { url, close } = await serveSandbox(sandbox, port ?? (await freePort()))
  const vendor: Vendor = {
    ...{ crmType, url, sandbox },
    books: async () => {
      const answer = await fetch(`${url}/_sandbox/ledger`)
      const paid = Ledger.parse(await answer.json()).filter(({ status }) => status === 'paid')
      return { count: paid.length, amountMinor: paid.reduce((sum, { amountMinor }) => sum + amountMinor, 0) }
    },
    sell: async (rubles) => void (await editSandbox(url, { do: 'sell', rubles })),
  }
  return { vendor, close }
}

/** Something is done at the CRM; the answer is its sandbox's. */
export async function editSandbox(
  url: string,
  edit: { readonly do: string; readonly rubles?: number },
): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/_sandbox/edit`, { method: 'POST', headers, body: JSON.stringify(edit) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} refused to ${edit.do}: ${text}`)
  return JSON.parse(text)
}
