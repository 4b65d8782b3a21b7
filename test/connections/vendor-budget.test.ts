// The Durable Object around a budget, and sessions that it serves or that cannot reach it.
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { SharedBudget } from '#context.ts'
import { connectorOf } from '#crm/registry.ts'
import { openSession, type SessionOptions } from '#connections/session.ts'
import { findForSession } from '#integrations/queries.ts'
import type { Ask, SharedLimits } from '#lib/permits.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { env } from '#test/env.ts'
import { query, runOf } from '#test/pages.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'
import { createVirtualTime } from '#test/virtual-time.ts'

const LIMITS: SharedLimits = {
  limits: [{ requests: 10, perMs: 60_000 }],
  gapMs: 0,
  idleCalls: 3,
  outageMs: 30_000,
}
const ASK: Ask = { session: 'one', holder: 'one', lane: 'live', count: 3, used: [] }
const variables = { THROTTLE_WAIT_SCALE: '1' }
const THROTTLED = { kind: 'throttled', waitMs: 60_000 } as const

const ownStub = () => env.VENDOR_BUDGET.getByName(crypto.randomUUID())

async function sessionOf(
  { context, integrationId }: Salon,
  change: Partial<Salon['context']>,
  options: SessionOptions = {},
) {
  const row = await findForSession(context.db, integrationId, null)
  if (!row) throw new Error('no integration')
  return openSession({ ...context, ...change }, row, options)
}

describe('the object', () => {
  it('grants permits, and stores only the first time that it was used', async () => {
    const stub = ownStub()
    const stored = async () => runInDurableObject(stub, (_, state) => [...state.storage.kv.list()])
    expect(await stub.lease(LIMITS, ASK)).toMatchObject({ permits: 3, waitMs: 0 })
    const first = await stored()
    expect(first).toHaveLength(1)
    await stub.lease(LIMITS, { ...ASK, session: 'two', count: 1 })
    expect(await stored()).toEqual(first)
  })

  it('has the whole limit when it is new, and half of it after a restart', async () => {
    const stub = ownStub()
    expect(await stub.lease(LIMITS, { ...ASK, count: 8 })).toMatchObject({ permits: 8, waitMs: 0 })
    const other = ownStub()
    await other.lease(LIMITS, { ...ASK, count: 1 })
    await evictDurableObject(other)
    expect((await other.lease(LIMITS, { ...ASK, session: 'two', count: 8 })).permits).toBeLessThan(6)
  })

  it('lets a connection test pass after a restart in heavy use', async () => {
    const salon = await createSalonTenant({ variables })
    const stub = ownStub()
    const { limits = [], idleCalls = 3 } = connectorOf('yclients').sharedLimit ?? {}
    const shared = { limits, idleCalls, gapMs: 0, outageMs: 30_000, burst: 200 }
    for (let n = 0; n < 40; n += 1) await stub.lease(shared, { ...ASK, session: `${n}`, holder: `${n}`, count: 10 })
    await evictDurableObject(stub)
    const row = await findForSession(salon.context.db, salon.integrationId, null)
    if (!row) throw new Error('no integration')
    const session = await openSession({ ...salon.context, budgetOf: () => stub }, row, { lane: 'people' })
    const { capabilities } = await connectorOf('yclients').check(session)
    expect(capabilities.filter(({ ok, required }) => required && !ok)).toEqual([])
  })

  it('keeps a pause over its own restart', async () => {
    const stub = ownStub()
    await stub.report(LIMITS, THROTTLED)
    await evictDurableObject(stub)
    expect(await stub.lease(LIMITS, ASK)).toMatchObject({ permits: 0, reason: 'throttled' })
  })

  it.each([
    ['an idle sync', 'live', 2],
    ['a hook', 'hooks', 3],
  ] as const)('serves a session, one call for the requests of %s', async (_work, lane, requests) => {
    const salon = await createSalonTenant({ variables })
    const stub = ownStub()
    const names: string[] = []
    let calls = 0
    const budgetOf = (name: string): SharedBudget => {
      names.push(name)
      return {
        lease: async (...args) => {
          calls += 1
          return stub.lease(...args)
        },
        report: async (...args) => stub.report(...args),
      }
    }
    const { http } = await sessionOf(salon, { budgetOf }, { lane })
    for (let made = 0; made < requests; made += 1)
      await http.request({ url: `${SANDBOX_URL}/api/v1/company/1`, expect: [400, 401, 404] })
    expect([calls, names]).toEqual([1, ['yclients/direct/all']])
  })
})

describe('a run that would have to wait for longer than a slice', () => {
  it('waits without its worker, which is no retry, says why, and goes on', async () => {
    const salon = await createSalonTenant({ variables })
    const { limits = [], idleCalls = 3 } = connectorOf('yclients').sharedLimit ?? {}
    const shared = { limits, idleCalls, gapMs: 400, outageMs: 30_000 }
    await salon.context.budgetOf('yclients/direct/all').report(shared, THROTTLED)
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    await salon.context.takeOne()
    expect(await runOf(salon, json.id)).toMatchObject({
      status: 'waiting',
      attempt: 0,
      error: { kind: 'rate_limited', message: expect.stringContaining('too many requests') },
    })
    expect(salon.sandbox.requests).toEqual([])
    salon.context.clock.advance(60_000)
    await query(salon, sql`update sync_runs set resume_at = now() where id = ${json.id}::uuid`)
    await salon.context.drain()
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded', error: null })
  })
})

describe('a budget that does not answer', () => {
  it('leaves a session its own pace at a tenth', async () => {
    const salon = await createSalonTenant({ variables })
    const time = createVirtualTime()
    const at: number[] = []
    const away = async () => Promise.reject(new Error('the object is away'))
    const { http } = await sessionOf(salon, {
      clock: { ...time, advance: () => undefined },
      budgetOf: () => ({ lease: away, report: away }),
      fetch: async () => {
        at.push(time.now().getTime())
        return Response.json({})
      },
    })
    await time.run([
      async () => {
        for (let n = 0; n < 6; n += 1) await http.request({ url: `${SANDBOX_URL}/` })
      },
    ])
    const gaps = at.slice(1).map((moment, n) => moment - (at[n] ?? 0))
    expect(gaps).toEqual([4000, 4000, 4000, 4000, 4000])
    expect(salon.context.logged.filter((line) => line.includes('vendor_budget_away'))).toHaveLength(1)
  })

  it('hears what was used before it was away', async () => {
    const salon = await createSalonTenant({ variables })
    const time = createVirtualTime()
    const used: number[] = []
    const lease: SharedBudget['lease'] = async (_, ask) => {
      used.push(ask.used.length)
      if (used.length === 2) throw new Error('the object is away')
      return { permits: ask.count, waitMs: 0, gapMs: 400, validMs: 10_000, isProbe: false }
    }
    const { http } = await sessionOf(salon, {
      clock: { ...time, advance: () => undefined },
      budgetOf: () => ({ lease, report: async () => undefined }),
      fetch: async () => Response.json({}),
    })
    await time.run([
      async () => {
        while (used.length < 3) await http.request({ url: `${SANDBOX_URL}/` })
      },
    ])
    expect(used).toEqual([0, 2, 2])
  })
})
