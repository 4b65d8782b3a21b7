// A salon with a million visits: they are worked out from their numbers, so that the vendor itself costs nothing.
// Speaks as much of YCLIENTS as a sync asks for.
import { Hono } from 'hono'
import { credentialContext } from '#connections/credentials.ts'
import { importKeyring } from '#crypto/keyring.ts'
import { seal } from '#crypto/seal.ts'
import { createFaults } from '#sandbox/faults.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'
import { instantOf, localDateTime } from '#lib/time.ts'
import type { BenchEnv } from './env.ts'
import { ENCRYPTION_KEYS } from './serve.ts'

const ZONE = 'Europe/Moscow'
const COMPANY_ID = '540112'
const KEYS = { apiKey: 'sandbox-partner-token', apiSecret: 'sandbox-user-token' }
/** What is paid is entered an hour after the visit. */
const ENTERED_MS = 3_600_000

export interface Vast extends Pick<Sandbox, 'app' | 'faults' | 'connection'> {
  readonly visits: number
}

/** `visits` evenly over the last `days` days. */
export function createVastVendor(visits: number, days: number): Vast {
  const end = Math.floor(Date.now() / 1000) * 1000 - 2 * ENTERED_MS
  const stepMs = (days * 86_400_000) / visits
  const atOf = (number: number) => end - (visits - 1 - number) * stepMs
  /** Numbers of visits from the first at or after one instant to the last at or before another. */
  const between = (from: number, to: number) => {
    const first = Math.max(Math.ceil((from - end) / stepMs) + visits - 1, 0)
    const last = Math.min(Math.floor((to - end) / stepMs) + visits - 1, visits - 1)
    return { first, count: Math.max(last - first + 1, 0) }
  }
  const app = new Hono()
  const ok = (data: unknown, meta: unknown = []) => Response.json({ success: true, data, meta })
  app.get('/api/v1/company/:company', () =>
    ok({ id: Number(COMPANY_ID), title: 'Сеть', timezone: ZONE, currency_short_title: '₽' }),
  )
  app.get('/api/v1/transactions/:company', () => ok([]))
  app.get('/api/v1/records/:company', (c) => {
    const { changed_after: after, changed_before: before, start_date: start, end_date: until } = c.req.query()
    const instant = (text: string) => Date.parse(instantOf(text, ZONE))
    const range = after
      ? between(instant(after) - ENTERED_MS, instant(before ?? after) - ENTERED_MS)
      : between(instant(`${start} 00:00:00`), instant(`${until} 23:59:59`) + 999)
    const [page, count] = [Number(c.req.query('page') ?? 1), Number(c.req.query('count') ?? 50)]
    const top = range.first + range.count - (page - 1) * count
    const numbers = Array.from({ length: Math.max(Math.min(count, top - range.first), 0) }, (_, n) => top - 1 - n)
    return ok(
      numbers.map((number) => visit(number, atOf(number))),
      { page, total_count: range.count },
    )
  })
  return {
    ...{ app, faults: createFaults(), visits },
    connection: { crmType: 'yclients', credentials: KEYS, additionalConfig: { companyId: COMPANY_ID } },
  }
}

function visit(number: number, at: number): unknown {
  const cost = 1000 + (number % 500)
  return {
    id: number + 1,
    company_id: Number(COMPANY_ID),
    services: [{ id: 3300, title: 'Стрижка', cost, cost_to_pay: cost, amount: 1, discount: 0 }],
    goods_transactions: [],
    staff: { id: 88_120, name: 'Ирина' },
    client: { id: 1 + (number % 50_000), name: 'Анна', surname: 'Белова', phone: '+79001234567', email: '', card: '' },
    date: localDateTime(new Date(at), ZONE).replace('T', ' '),
    last_change_date: localDateTime(new Date(at + ENTERED_MS), ZONE),
    attendance: 1,
    paid_full: 1,
    deleted: false,
    finance_transactions: [
      { id: number + 1, document_id: number + 1, amount: cost, expense: { id: 5, title: 'Услуги' } },
    ],
  }
}

/** Gives the environment's integration the vendor's address and keys. */
export async function connectVast(
  { pool, businessId, integrationId: id }: BenchEnv,
  vendor: Vast,
  { url, initialDays }: { readonly url: string; readonly initialDays: number },
): Promise<void> {
  const { credentials, additionalConfig } = vendor.connection
  const keyring = await importKeyring(ENCRYPTION_KEYS)
  const sealed = async (column: 'api_key' | 'api_secret', value = '') =>
    Buffer.from(await seal(value, keyring, credentialContext({ id, businessId }, column)))
  await pool.query(
    `update crm_integrations set api_url = $2, api_key = $3, api_secret = $4, additional_config = $5 where id = $1`,
    [
      ...[id, url, await sealed('api_key', credentials['apiKey'])],
      ...[await sealed('api_secret', credentials['apiSecret']), { ...additionalConfig, initialDays }],
    ],
  )
}
