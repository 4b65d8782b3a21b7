// Businesses whose owners have given consent, each to an amoCRM of its own, before one service.
import { randomUUID } from 'node:crypto'
import type { OpenDatabase } from '#bench/database.ts'
import { freePort } from '#dev/free-port.ts'
import { type AmoSandbox, createAmoSandbox } from '#sandbox/amo_crm.ts'
import { serveSandbox } from '#dev/serve-sandbox.ts'
import { type Service, startService } from './service.ts'
import { WORK_PATH, type Worked } from './protocol.ts'

const REDIRECT = 'https://crm.example.com/v1/oauth/amo_crm/callback'

export interface Connection {
  readonly id: string
  readonly sandbox: AmoSandbox
}

export interface RefreshEnv {
  readonly service: Service
  readonly connections: readonly Connection[]
  readonly close: () => Promise<void>
}

export async function openRefreshEnv(open: OpenDatabase, size: number): Promise<RefreshEnv> {
  const served = await Promise.all(
    Array.from({ length: size }, async (_, n) => {
      const sandbox = createAmoSandbox({ redirectUri: REDIRECT, accountId: 31_000_001 + n })
      return { sandbox, ...(await serveSandbox(sandbox, await freePort())) }
    }),
  )
  const origins = served.map(({ url }) => url)
  const { clientId: id = '', clientSecret: secret = '' } = served[0]?.sandbox.consent.app ?? {}
  const vars = { AMO_CRM_CLIENT_ID: id, AMO_CRM_CLIENT_SECRET: secret, AMO_CRM_REDIRECT_URI: REDIRECT }
  const service = await startService(open, { origins, tickSeconds: 60, vars })
  const close = async () => {
    await service.close()
    await Promise.all(served.map(async (one) => one.close()))
  }
  await service.disturb({ pauseScale: 1 })
  const connections: Connection[] = []
  for (const { sandbox, url } of served) connections.push({ id: await connect(service, sandbox, url), sandbox })
  return { service, connections, close }
}

/** A business whose owner has just given consent. */
async function connect(service: Service, sandbox: AmoSandbox, url: string): Promise<string> {
  const businessId = randomUUID()
  await service.call('PUT', `/v1/businesses/${businessId}`, {
    name: 'Кофейня',
    timezone: 'Europe/Moscow',
    currency: 'RUB',
  })
  const begun = await service.call<{ url: string }>('GET', `/v1/oauth/amo_crm/authorize?businessId=${businessId}`)
  const back = new URLSearchParams({
    state: new URL(begun.json.url).searchParams.get('state') ?? '',
    ...{ code: sandbox.consent.tokens.newCode(), referer: new URL(url).host },
  })
  const page = await fetch(`${service.url}/v1/oauth/amo_crm/callback?${back.toString()}`, { redirect: 'manual' })
  const { hash } = new URL(page.headers.get('location') ?? '', service.url)
  const ticket = new URLSearchParams(hash.slice(1)).get('ticket')
  if (ticket === null) throw new Error(await page.text())
  const { status, json } = await service.call<{ id: string }>('POST', '/v1/oauth/amo_crm/confirm', {
    ticket,
    businessId,
  })
  if (status !== 200) throw new Error(JSON.stringify(json))
  return json.id
}

/** A worker that was killed answers nothing. */
export async function work(service: Service, { id }: Connection): Promise<Worked> {
  try {
    const answer = await fetch(`${service.url}${WORK_PATH}?integration=${id}`)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own control path
    return (await answer.json()) as Worked
  } catch {
    return { ok: false, kind: 'unavailable', reason: 'killed' }
  }
}

export async function expireAccess(service: Service, { id }: Connection): Promise<void> {
  await service.query(`update oauth_grants set access_until = now() where integration_id = '${id}'`)
}

export async function isDead(service: Service, { id }: Connection): Promise<boolean> {
  const [row] = await service.query<{ dead: boolean }>(
    `select revoked_at is not null as dead from oauth_grants where integration_id = '${id}'`,
  )
  return row?.dead ?? true
}
