// A marketplace before one service: a chain that has the app in twenty branches, and further branches whose owners come
// one by one.
import { randomUUID } from 'node:crypto'
import type { OpenDatabase } from '#bench/database.ts'
import { freePort } from '#dev/free-port.ts'
import { serveSandbox } from '#dev/serve-sandbox.ts'
import { carryByNetwork } from '#sandbox/hooks.ts'
import { createYclientsSandbox, type YclientsSandbox } from '#sandbox/yclients.ts'
import { type Service, startService } from './service.ts'

/** So many that one more or less is no more than a twentieth of them, as the nightly comparison wants. */
const CHAIN = 20

export interface MarketplaceEnv {
  readonly service: Service
  readonly sandbox: YclientsSandbox
  /** Of the owners who come one by one. */
  readonly branchIds: readonly string[]
  readonly close: () => Promise<void>
}

export async function openMarketplaceEnv(open: OpenDatabase, owners: number): Promise<MarketplaceEnv> {
  const sandbox = createYclientsSandbox({ branches: CHAIN + owners })
  sandbox.hooks.carry = carryByNetwork
  const served = await serveSandbox(sandbox, await freePort())
  const { app, card } = sandbox.marketplace
  const vars = {
    YCLIENTS_PARTNER_TOKEN: app.partnerToken,
    YCLIENTS_APPLICATION_ID: app.applicationId,
    YCLIENTS_USER_TOKEN: app.userToken,
    YCLIENTS_API_URL: served.url,
  }
  const service = await startService(open, { origins: [served.url], tickSeconds: 1, vars })
  card.registrationUrl = `${service.url}/v1/marketplace/yclients/install`
  card.callbackUrl = `${service.url}/v1/marketplace/yclients/events`
  const close = async () => {
    await service.close()
    await served.close()
  }
  const all = sandbox.branches.map(({ companyId }) => companyId)
  const env = { service, sandbox, branchIds: all.slice(CHAIN), close }
  const chain = await createBusiness(env)
  const { status } = await claim(env, { businessId: chain, ticket: await click(env, all.slice(0, CHAIN)) })
  if (status !== 200) throw new Error(`the chain was answered ${status}`)
  return env
}

type Stage = Pick<MarketplaceEnv, 'service' | 'sandbox'>

export async function createBusiness({ service }: Stage): Promise<string> {
  const businessId = randomUUID()
  const business = { name: 'Салон', timezone: 'Europe/Moscow', currency: 'RUB' }
  await service.call('PUT', `/v1/businesses/${businessId}`, business)
  return businessId
}

/** The owner clicks, and the browser comes to us: what it gets, whatever dies meanwhile. */
export async function click({ sandbox }: Stage, branchIds: readonly string[]): Promise<string> {
  const page = await fetch(await sandbox.marketplace.connect(branchIds), { redirect: 'manual' })
  const ticket = /#ticket=(.+)$/.exec(page.headers.get('location') ?? '')?.[1]
  if (ticket === undefined) throw new Error(`no ticket: ${page.status} ${await page.text()}`)
  return ticket
}

interface Claim {
  readonly businessId: string
  readonly ticket: string
}

/** Status 0: the Worker died before it answered. */
export async function claim(
  { service }: Stage,
  body: Claim,
): Promise<{ readonly status: number; readonly id: string }> {
  try {
    const { status, json } = await service.call<{ id?: string }>('POST', '/v1/marketplace/installs/claim', body)
    return { status, id: json.id ?? '' }
  } catch {
    return { status: 0, id: '' }
  }
}
