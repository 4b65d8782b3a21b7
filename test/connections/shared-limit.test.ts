// Limits that several sessions share, seen by the vendors: two slices, a hook's reads and a test at the same time.
import { describe, expect, it } from 'vitest'
import type { Context } from '#context.ts'
import type { MappedRecord, Session } from '#crm/contract.ts'
import type { Connector } from '#crm/connector.ts'
import { connectorOf } from '#crm/registry.ts'
import { openSession } from '#connections/session.ts'
import { findForSession } from '#integrations/queries.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { Lane } from '#lib/permits.ts'
import { createAmoTenant } from '#test/amo.ts'
import { createCafeTenant } from '#test/cafe.ts'
import { budgetsBy } from '#test/context.ts'
import { type Connected, createSalonTenant } from '#test/tenants.ts'
import { createVirtualTime, type VirtualTime } from '#test/virtual-time.ts'

const variables = { THROTTLE_WAIT_SCALE: '1' }
const LATENCY_MS = 40
/** Between two pieces of work: a test that has to wait ends at once. */
const PAUSE_MS = 500
const LANES: readonly Lane[] = ['live', 'live', 'hooks', 'people']

const SALES = {
  storedIds: async () => [],
  storedSales: async () => new Map(),
  twins: async () => [],
  aliases: async () => new Set<string>(),
}

/** The times of all requests within so many seconds. */
async function hammer(tenant: Connected, seconds: number, lanes = LANES) {
  const time = createVirtualTime()
  const at: number[] = []
  const row = await findForSession(tenant.context.db, tenant.integrationId, null)
  if (!row) throw new Error('no integration')
  const shared = { ...tenant.context, clock: time, budgetOf: budgetsBy(time) }
  const connector = connectorOf(row.crmType)
  const until = time.now().getTime() + seconds * 1000
  const isOver = () => time.now().getTime() >= until
  const served = new Map<Lane, number>()
  await time.run(
    lanes.map((lane) => async () => {
      const fetch: Context['fetch'] = async (input, init) => {
        at.push(time.now().getTime())
        served.set(lane, (served.get(lane) ?? 0) + 1)
        await time.sleep(LATENCY_MS)
        return tenant.context.fetch(input, init)
      }
      const context = { ...shared, fetch }
      while (!isOver()) {
        const session = { ...(await openSession(context, row, { lane, startedAt: time.now() })), ...SALES }
        await waiting(time, async () => work({ connector, session, lane, isOver }))
        await time.sleep(PAUSE_MS)
      }
    }),
  )
  return { at: at.filter((moment) => moment < until), served }
}

/** As a run does: it waits as long as it is told, and begins again. */
async function waiting(time: VirtualTime, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof CrmError) || error.kind !== 'rate_limited') throw error
    await time.sleep(error.retryAfterMs ?? 0)
  }
}

interface Work {
  readonly connector: Connector<unknown, unknown>
  readonly session: Session<unknown>
  readonly lane: Lane
  readonly isOver: () => boolean
}

async function work({ connector, session, lane, isOver }: Work): Promise<void> {
  if (lane === 'people') {
    const { capabilities } = await connector.check(session)
    expect(capabilities.length).toBeGreaterThan(0)
    return
  }
  const records: MappedRecord[] = []
  for await (const page of connector.pull(session, null)) {
    records.push(...page.records)
    if (isOver()) return
    if (lane === 'hooks' && records.length > 0) break
  }
  for (const record of lane === 'hooks' ? records.slice(0, 20) : []) {
    if (record.type === 'transaction')
      await connector.fetchOne?.(session, { externalId: record.transaction.externalId })
  }
}

function mostIn(at: readonly number[], perMs: number): number {
  return Math.max(...at.map((from) => at.filter((moment) => moment >= from && moment < from + perMs).length))
}

describe('sessions that share a limit', () => {
  it.each([
    ['yclients', async () => createSalonTenant({ demo: true, days: 2, variables }), 70, 2.5],
    ['amo_crm', async () => createAmoTenant({ variables }), 10, 3],
    ['iiko', async () => createCafeTenant({ variables }), 150, 0.4],
  ] as const)('never exceed that of %s, and use it', async (type, create, seconds, perSecondMin) => {
    const { at, served } = await hammer(await create(), seconds)
    for (const { requests, perMs } of connectorOf(type).sharedLimit?.limits ?? [])
      expect(mostIn(at, perMs)).toBeLessThanOrEqual(requests)
    expect(at.length / seconds).toBeGreaterThan(perSecondMin)
    expect([...served.values()].every((calls) => calls > 0)).toBe(true)
  })

  it('let the sync that a person has started go on at the whole pace', async () => {
    const tenant = await createSalonTenant({ variables })
    const time = createVirtualTime()
    const row = await findForSession(tenant.context.db, tenant.integrationId, null)
    if (!row) throw new Error('no integration')
    const at: number[] = []
    await time.run([
      async () => {
        const fetch: Context['fetch'] = async (input, init) => {
          at.push(time.now().getTime())
          return tenant.context.fetch(input, init)
        }
        const context = { ...tenant.context, clock: time, budgetOf: budgetsBy(time), fetch }
        // As the slices of one run.
        for (const _ of [1, 2, 3]) {
          const { http, apiUrl } = await openSession(context, row, { lane: 'people', startedAt: time.now() })
          for (let calls = 0; calls < 50; calls += 1)
            await http.request({ url: `${apiUrl}/api/v1/company/1`, expect: [400, 401, 404] })
        }
      },
    ])
    expect(150_000 / ((at.at(-1) ?? 0) - (at[0] ?? 0))).toBeGreaterThan(2)
  })
})
