// Tenants who mean harm: one with integrations to hammer at, and others that connect one hostile vendor after the
// other.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { tokenFor } from '#bench/serve.ts'
import { one, type Stage } from './hostile-attacks.ts'
import type { Traffic } from './hostile-traffic.ts'
import { type HostileVendor, TURNS } from './hostile-vendors.ts'
import type { Service } from './service.ts'

const SCOPES = 'integrations:read integrations:write transactions:read'
const BUSINESS = { name: 'Салон', timezone: 'Europe/Moscow', currency: 'RUB' }
const POLL_MS = 500
const CALM_ANSWERS_MAX = 6

async function addBusiness({ call }: Service) {
  const businessId = randomUUID()
  await call('PUT', `/v1/businesses/${businessId}`, BUSINESS)
  return { businessId, token: await tokenFor(businessId, SCOPES) }
}

async function addIntegration({ call }: Service, businessId: string, body: object): Promise<string> {
  const { status, json } = await call<{ id: string }>('POST', '/v1/integrations', { businessId, ...body })
  if (status !== 201) throw new Error(JSON.stringify(json))
  return json.id
}

/** With an integration of a CRM that works, and one for files. */
export async function openTenant(service: Service, vendor: HostileVendor): Promise<Stage['tenant']> {
  const [own, ofFiles] = [await addBusiness(service), await addBusiness(service)]
  const { addressed: _, ...connection } = vendor.become({ type: 'yclients', turn: 'never', calmAnswers: Infinity })
  const id = await addIntegration(service, own.businessId, { ...connection, apiUrl: vendor.url })
  const csvId = await addIntegration(service, ofFiles.businessId, { crmType: 'csv' })
  return { ...own, id, csvId, csvToken: ofFiles.token }
}

interface Connecting extends Pick<Stage, 'random'> {
  readonly traffic: Traffic
  readonly types: readonly string[]
  readonly turns: readonly string[]
  readonly until: number
  readonly turned: Map<string, number>
  readonly pullMs: number
}

/** Connects it as one CRM after the other, tests, syncs, looks, disconnects. */
export async function connectHostile(
  service: Service,
  vendor: HostileVendor,
  { traffic, random, types, turns, until, turned, pullMs }: Connecting,
): Promise<void> {
  const { businessId, token } = await addBusiness(service)
  for (let round = 0; Date.now() < until; round += 1) {
    const turn = turns[round % turns.length] ?? ''
    const type = TURNS[turn] === null ? 'yclients' : one(types, random)
    const plan = { type, turn, calmAnswers: Math.floor(random() * CALM_ANSWERS_MAX) }
    const { addressed, ...connection } = vendor.become(plan)
    const attack = `vendor: ${turn}`
    turned.set(turn, (turned.get(turn) ?? 0) + 1)
    const additionalConfig = { ...connection.additionalConfig, ...addressed?.(vendor.url) }
    const id = await addIntegration(service, businessId, { ...connection, additionalConfig, apiUrl: vendor.url })
    const path = `/v1/integrations/${id}`
    await traffic.send(attack, `${path}/test`, { method: 'POST', token, waitedMs: vendor.waitedMs })
    await pull(traffic, { attack, path, token, random, pullMs })
    await traffic.send(attack, path, { method: 'DELETE', token, waitedMs: vendor.waitedMs })
  }
}

interface Pull extends Pick<Stage, 'random'>, Pick<Connecting, 'pullMs'> {
  readonly attack: string
  readonly path: string
  readonly token: string
}

async function pull({ send, listen }: Traffic, { attack, path, token, random, pullMs }: Pull): Promise<void> {
  const { json } = await send(attack, `${path}/sync`, { method: 'POST', token })
  const run = `${path}/runs/${String(json['id'])}`
  const until = Date.now() + pullMs
  const streams = [1, 2, 3].map(async () => listen(attack, `${run}/events`, { token, forMs: random() * pullMs }))
  while (Date.now() < until) {
    const { json: now } = await send(attack, run, { token })
    if (['succeeded', 'failed', 'cancelled'].includes(String(now['status']))) break
    await sleep(POLL_MS)
  }
  await send(attack, `${run}/cancel`, { method: 'POST', token })
  await send(attack, `${path}/quarantine`, { token })
  await Promise.all(streams)
}
