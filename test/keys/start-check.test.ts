import { createExecutionContext, createMessageBatch, createScheduledController, getQueueResult } from 'cloudflare:test'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { createWorker } from '#worker.ts'
import { startProblem } from '#keys/start-check.ts'
import { createTestContext, type TestContext } from '#test/context.ts'
import { env } from '#test/env.ts'
import { query } from '#test/pages.ts'
import { forgetStart, NEW, OLD } from '#test/rings.ts'
import { createSalonTenant } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

beforeEach(forgetStart)
afterEach(forgetStart)

/** An isolate that starts now. */
const isolate = (variables: Readonly<Record<string, string>> = {}) => createTestContext(null, variables)
const other = OLD.replace(/:.*/, NEW.slice(NEW.indexOf(':')))

async function ask(context: TestContext, method: string, path: string, token?: string) {
  const worker = createWorker(() => context)
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await worker.fetch(new Request(`https://api.example.com${path}`, { method, headers }), env)
  const text = await response.text()
  return { status: response.status, code: text.startsWith('{') ? JSON.parse(text).code : text, response }
}

describe('an isolate', () => {
  it('starts on a new database, whoever else starts with it, and again', async () => {
    const first = await Promise.all(Array.from({ length: 8 }, async () => startProblem(isolate())))
    expect(new Set(first)).toEqual(new Set([null]))
    expect(await startProblem(isolate())).toBeNull()
  })

  it.each([
    ['lacks the key that seals here', NEW, 'wrong_keys'],
    ['has another key under the same id', other, 'wrong_keys'],
    ['has the key behind another', `${NEW},${OLD}`, null],
  ])('%s: %s', async (_, keys, problem) => {
    await startProblem(isolate())
    expect(await startProblem(isolate({ ENCRYPTION_KEYS: keys }))).toBe(problem)
  })

  it('makes other addresses than those that were given out: wrong_keys, until the operator has it forgotten', async () => {
    await startProblem(isolate())
    const changed = { ADDRESS_KEY: NEW.slice(NEW.indexOf(':') + 1) }
    expect(await startProblem(isolate(changed))).toBe('wrong_keys')
    expect(await startProblem(isolate())).toBeNull()
    const { db } = createTestContext()
    await db.execute(sql`update deployment set address_probe = null`)
    expect(await startProblem(isolate({ ...changed, DEPLOYMENT_ID: 'copy' }))).toBe('other_deployment')
    expect(await startProblem(isolate(changed))).toBeNull()
    expect(await startProblem(isolate())).toBe('wrong_keys')
  })

  it('of another deployment refuses the database, and of two that start at once on a new one only one stays', async () => {
    const ids = ['production', 'staging']
    const found = await Promise.all(ids.map(async (id) => startProblem(isolate({ DEPLOYMENT_ID: id }))))
    expect(new Set(found)).toEqual(new Set([null, 'other_deployment']))
  })

  it('looks once, and again only while something is wrong', async () => {
    const context = isolate()
    await startProblem(context)
    const trips = context.roundTrips()
    for (let n = 0; n < 5; n += 1) await startProblem(context)
    expect(context.roundTrips()).toBe(trips)
    const wrong = isolate({ DEPLOYMENT_ID: 'copy' })
    expect(await startProblem(wrong)).toBe('other_deployment')
    await context.db.execute(sql`update deployment set deployment_id = 'copy'`)
    wrong.clock.advance(4000)
    expect(await startProblem(wrong)).toBeNull()
  })
})

describe('a Worker that must not start', () => {
  it.each([
    ['other_deployment', { DEPLOYMENT_ID: 'copy' }],
    ['wrong_keys', { ENCRYPTION_KEYS: other }],
  ] as const)('says %s to every call, and that it is alive', async (code, variables) => {
    await startProblem(isolate())
    const context = isolate(variables)
    const admin = await adminToken()
    const path = `/v1/businesses/${crypto.randomUUID()}`
    for (const call of [ask(context, 'GET', path, admin), ask(context, 'POST', '/webhooks/yclients/made-up')]) {
      expect(await call).toMatchObject({ status: 503, code })
    }
    expect(await ask(context, 'GET', '/readyz')).toMatchObject({ status: 503, code })
    expect((await ask(context, 'GET', '/healthz')).status).toBe(200)
    expect((await ask(context, 'GET', '/v1/admin/health', admin)).status).toBe(200)
  })

  it('takes nothing, webhooks included, before the database has said whose it is, and asks for another try', async () => {
    const [context, known] = [isolate(), isolate()]
    await startProblem(known)
    for (const { outage } of [context, known]) outage.database = 'down'
    for (const [method, path] of [
      ['POST', '/webhooks/yclients/made-up'],
      ['GET', '/v1/crm-types'],
    ] as const) {
      const { status, code, response } = await ask(context, method, path, await adminToken())
      expect([status, code, response.headers.get('retry-after')]).toEqual([503, 'unavailable', '5'])
    }
    // One that knows takes them by way of the queue.
    expect((await ask(known, 'POST', '/webhooks/yclients/made-up')).status).toBe(404)
  })

  it('keeps what is in a queue for a minute while the database is down', async () => {
    const context = isolate()
    context.outage.database = 'down'
    for (const queue of inject('wrangler').queues) {
      const body = { kind: 'inbox', integrationId: crypto.randomUUID() } as const
      const batch = createMessageBatch(queue, [{ id: 'm', timestamp: new Date(), attempts: 1, body }])
      const retryAll = vi.spyOn(batch, 'retryAll')
      await createWorker(() => context).queue(batch, env, createExecutionContext())
      expect(retryAll.mock.calls).toEqual([[{ delaySeconds: 60 }]])
    }
  })

  it.each([{ ENCRYPTION_KEYS: other }, { ADDRESS_KEY: NEW.slice(NEW.indexOf(':') + 1) }])(
    'raises the alarm of wrong keys by the cron, and does nothing else by it: %j',
    async (variables) => {
      await startProblem(isolate())
      const context = isolate({ ...variables, ALERT_WEBHOOK_URL: 'https://alerts.example.com/' })
      const { crons } = inject('wrangler')
      await createWorker(() => context).scheduled(createScheduledController({ cron: crons[0] ?? '' }), env)
      const { rows } = await context.db.execute(sql`delete from alarms where code = 'wrong_keys' returning closed_at`)
      expect(rows).toEqual([{ closed_at: null }])
      expect(context.logged.join('')).not.toContain('"event":"cron"')
    },
  )

  it('does nothing by the cron and the queue', async () => {
    await startProblem(isolate())
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const before = await stateOf()
    const worker = createWorker(() => isolate({ DEPLOYMENT_ID: 'copy' }))
    const { crons, queues } = inject('wrangler')
    for (const cron of crons) await worker.scheduled(createScheduledController({ cron }), env)
    for (const queue of queues) {
      const message = {
        id: 'm',
        timestamp: new Date(),
        attempts: 1,
        body: { kind: 'runs', runIds: [json.id] },
      } as const
      const batch = createMessageBatch(queue, [message])
      const execution = createExecutionContext()
      await worker.queue(batch, env, execution)
      const { retryBatch, explicitAcks } = await getQueueResult(batch, execution)
      expect([retryBatch.retry, explicitAcks]).toEqual([true, []])
    }
    expect(await stateOf()).toEqual(before)

    async function stateOf() {
      return query(
        salon,
        sql`select i.*, (select jsonb_agg(r order by r.id) from sync_runs r where r.integration_id = i.id) as runs
          from crm_integrations i where i.id = ${salon.integrationId}::uuid`,
      )
    }
  })
})
