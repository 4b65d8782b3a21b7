// Businesses that go on working while others attack: one CRM after the other, each with books of its own, selling all
// the time. What the service holds of them at the end must be what their books say.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { freePort } from '#dev/free-port.ts'
import { type ServedSandbox, serveSandbox } from '#dev/serve-sandbox.ts'
import { carryByNetwork } from '#sandbox/hooks.ts'
import { DEMOS } from '#sandbox/registry.ts'
import type { Service } from './service.ts'

const SETTLE_MS = 8 * 60_000
const ENDED = new Set(['succeeded', 'failed', 'cancelled'])

export interface Bystander extends ServedSandbox {
  readonly type: string
  readonly businessId: string
  /** The integration's id and the path of its webhook address, once it is connected. */
  id: string
  hookPath: string | null
}

export async function openBystanders(types: readonly string[], count: number): Promise<Bystander[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const type = types[index % types.length] ?? ''
      const sandbox = DEMOS[type]?.(new Date())
      if (!sandbox) throw new Error(`no demo of ${type}`)
      if (sandbox.hooks) sandbox.hooks.carry = carryByNetwork
      const served = await serveSandbox(sandbox, await freePort())
      return { ...served, sandbox, type, businessId: randomUUID(), id: '', hookPath: null }
    }),
  )
}

/** Connects each, with sync every minute and its CRM's webhooks. */
export async function connectBystanders({ call }: Service, bystanders: readonly Bystander[]): Promise<void> {
  for (const bystander of bystanders) {
    const { businessId, url, sandbox } = bystander
    const { crmType, credentials, additionalConfig } = sandbox.connection
    await call('PUT', `/v1/businesses/${businessId}`, sandbox.business)
    const created = await call<{ id: string }>('POST', '/v1/integrations', {
      ...{ businessId, crmType, credentials, apiUrl: url, syncIntervalMinutes: 1 },
      additionalConfig: { ...additionalConfig, ...sandbox.addressed?.(url) },
    })
    bystander.id = created.json.id
    const path = `/v1/integrations/${bystander.id}`
    const enabled = await call<{ webhookUrl: string | null }>('PATCH', path, { syncEnabled: true })
    if (enabled.status !== 200) throw new Error(JSON.stringify(enabled.json))
    const { webhookUrl } = enabled.json
    if (webhookUrl === null) continue
    bystander.hookPath = new URL(webhookUrl).pathname
    sandbox.hooks?.address?.(webhookUrl)
  }
}

export async function sell({ url }: Bystander, rubles: number): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await fetch(`${url}/_sandbox/edit`, { method: 'POST', headers, body: JSON.stringify({ do: 'sell', rubles }) })
}

const Entry = z.object({
  externalId: z.string(),
  status: z.string(),
  amountMinor: z.number(),
  occurredAt: z.string().transform((text) => new Date(text).toISOString()),
})
type Entry = z.infer<typeof Entry>

export interface Exactness {
  readonly transactions: number
  /** Sales that are missing, of another content, or not in the books. */
  readonly mismatches: number
  readonly examples: readonly unknown[]
}

/** Syncs each until it equals its books, or the time for that is over. */
export async function compareBooks(service: Service, bystanders: readonly Bystander[]): Promise<Exactness> {
  const deadline = Date.now() + SETTLE_MS
  const found = { transactions: 0, mismatches: 0, examples: [] as unknown[] }
  for (const bystander of bystanders) {
    for (;;) {
      const { count, wrong } = await compare(service, bystander)
      if (wrong.length > 0 && Date.now() < deadline) {
        await syncOnce(service, bystander)
        continue
      }
      found.transactions += count
      found.mismatches += wrong.length
      found.examples.push(...wrong.slice(0, 2))
      break
    }
  }
  return { ...found, examples: found.examples.slice(0, 5) }
}

async function compare({ call }: Service, { url, id, type }: Bystander) {
  const books = z.array(Entry).parse(await (await fetch(`${url}/_sandbox/ledger`)).json())
  const rows: Entry[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const search: string = cursor && `&cursor=${cursor}`
    const path = `/v1/integrations/${id}/transactions?limit=200${search}`
    const { json } = await call<{ items: unknown[]; nextCursor: string | null }>('GET', path)
    rows.push(...z.array(Entry).parse(json.items))
    cursor = json.nextCursor
  }
  const key = ({ externalId, status, amountMinor, occurredAt }: Entry) =>
    JSON.stringify([externalId, status, amountMinor, occurredAt])
  const [stored, expected] = [new Set(rows.map(key)), new Set(books.map(key))]
  const wrong = [
    ...[...expected.difference(stored)].map((entry) => ({ type, id, missing: entry })),
    ...[...stored.difference(expected)].map((entry) => ({ type, id, extra: entry })),
    ...(rows.length === stored.size ? [] : [{ type, id, doubled: rows.length - stored.size }]),
  ]
  return { count: rows.length, wrong }
}

async function syncOnce({ call }: Service, { id }: Bystander): Promise<void> {
  const path = `/v1/integrations/${id}`
  const { json: run } = await call<{ id: string }>('POST', `${path}/sync`)
  for (;;) {
    const { json } = await call<{ status: string }>('GET', `${path}/runs/${run.id}`)
    if (ENDED.has(json.status)) return
    await sleep(500)
  }
}
