// Fifty workers need a token at the same moment, and workers die wherever they can. The same with the vendor's real
// delays, two hundred rounds and killed processes: npm run chaos -- --only refresh.
import { describe, expect, it } from 'vitest'
import type { Context } from '#context.ts'
import { createDb } from '#db/client.ts'
import { seeded } from '#sandbox/faults.ts'
import { CrmError } from '#lib/crm-error.ts'
import { systemClock } from '#lib/clock.ts'
import { grantedPair, type RefreshTimes } from '#connections/refresh.ts'
import { type AmoTenant, createConsented, expireAccess, grantOf, lapseFence } from '#test/amo.ts'
import { SANDBOX_URL } from '#test/context.ts'

const WORKERS = 50
const ROUNDS = 6
/** The token endpoint's 0.1, 5 and 25 seconds, a hundred times as fast. */
const DELAYS_MS = [1, 50, 250]
const TIMES: RefreshTimes = { call: 1000, store: 300, fence: 1500, settle: 200, wait: 2500 }
const TRIES_MAX = 12

const granted = ({ integrationId, businessId }: AmoTenant) => ({
  ...{ id: integrationId, businessId, crmType: 'amo_crm' as const },
})

async function opensTheDoor({ sandbox }: AmoTenant, token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` }
  return (await sandbox.app.fetch(new Request(`${SANDBOX_URL}/api/v4/account`, { headers }))).ok
}

/** As the engine does: a try that fails for the vendor's sake is made again. */
async function needToken(tenant: AmoTenant, context: Context): Promise<boolean> {
  for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
    try {
      const pair = await grantedPair(context, granted(tenant), null, TIMES)
      return await opensTheDoor(tenant, pair.access.reveal())
    } catch (error) {
      if (!(error instanceof CrmError) || error.kind !== 'unavailable') throw error
    }
  }
  return false
}

async function race(round: number) {
  const tenant = await createConsented()
  const random = seeded(100 + round)
  const { consent } = tenant.sandbox
  consent.tokenDelayMs = () => DELAYS_MS[round % DELAYS_MS.length] ?? 0
  consent.losesAnswer = () => random() < 0.5
  await expireAccess(tenant)
  const context = { ...tenant.context, clock: systemClock }
  const served = await Promise.all(Array.from({ length: WORKERS }, async () => needToken(tenant, context)))
  const calls = consent.tokens.calls.filter(({ grantType }) => grantType === 'refresh_token')
  const grant = await grantOf(tenant)
  return {
    refreshes: calls.length,
    lost: calls.filter(({ isDelivered }) => !isDelivered).length,
    sentAgainAfterSuccess: consent.tokens.sentAgainAfterSuccess(),
    unserved: served.filter((isServed) => !isServed).length,
    connectionsLost: grant?.is_dead || !served.at(-1) ? 1 : 0,
  }
}

it('sends no refresh token again after success and loses no connection', async () => {
  const rounds: Awaited<ReturnType<typeof race>>[] = []
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await race(round))
  const sum = (name: keyof (typeof rounds)[number]) => rounds.reduce((total, round) => total + round[name], 0)
  const found = {
    ...{ rounds: ROUNDS, workers: WORKERS, refreshes: sum('refreshes'), answersLost: sum('lost') },
    wrong: {
      sentAgainAfterSuccess: sum('sentAgainAfterSuccess'),
      connectionsLost: sum('connectionsLost'),
      workersUnserved: sum('unserved'),
    },
  }
  console.log(`refresh race: ${JSON.stringify(found)}`)
  expect(found.answersLost).toBeGreaterThan(0)
  expect(found.refreshes).toBe(ROUNDS + found.answersLost)
  expect(found.wrong).toEqual({ sentAgainAfterSuccess: 0, connectionsLost: 0, workersUnserved: 0 })
})

it('gives up at the deadline when a worker is so slow that no fence of its own lasts for the call', async () => {
  const tenant = await createConsented()
  await expireAccess(tenant)
  const startedAt = Date.now()
  let reads = 0
  const now = () => {
    reads += 1
    if (reads > 50) throw new Error('there is no deadline')
    return new Date(startedAt + reads * 30_000)
  }
  const context = { ...tenant.context, clock: { ...tenant.context.clock, now } }
  const refused = { kind: 'unavailable', reason: 'refresh_under_way' }
  await expect(grantedPair(context, granted(tenant), null)).rejects.toMatchObject(refused)
  expect(tenant.sandbox.consent.tokens.calls.filter(({ grantType }) => grantType === 'refresh_token')).toEqual([])
  expect(await grantOf(tenant)).toMatchObject({ is_fenced: false, is_dead: false })
})

/**
 * A worker that dies at its nth call, to the database or the vendor: before it is made, or before its answer is seen.
 */
function dying(tenant: AmoTenant, step: number, when: 'before' | 'after'): { context: Context; isDead: () => boolean } {
  let calls = 0
  let isDead = false
  const mortal = async <T>(call: () => Promise<T>): Promise<T> => {
    calls += 1
    if (calls === step && when === 'before') isDead = true
    if (isDead) throw new Error('this worker is dead')
    const answer = await call()
    if (calls === step) isDead = true
    if (isDead) throw new Error('this worker is dead')
    return answer
  }
  const { config, fetch: callVendor, clock, random } = tenant.context
  const db = createDb({
    databaseUrl: config.databaseUrl,
    endpoint: config.neonEndpoint,
    fetch: async (input, init) => mortal(async () => fetch(input, init)),
    ...{ clock, random },
  })
  const mortalCall: Context['fetch'] = async (input, init) => mortal(async () => callVendor(input, init))
  return { context: { ...tenant.context, db, fetch: mortalCall }, isDead: () => isDead }
}

describe('a worker that dies', () => {
  const STEPS = ['reading the pair', 'writing the intent', 'calling the vendor', 'storing the pair', 'reading it again']

  it.each(STEPS.flatMap((name, n) => (['before', 'after'] as const).map((when) => ({ name, when, step: n + 1 }))))(
    '$when $name leaves a connection that works',
    async ({ step, when }) => {
      const tenant = await createConsented()
      await expireAccess(tenant)
      const worker = dying(tenant, step, when)
      await expect(grantedPair(worker.context, granted(tenant), null)).rejects.toThrow()
      expect(worker.isDead()).toBe(true)
      await lapseFence(tenant)
      const pair = await grantedPair(tenant.context, granted(tenant), null)
      expect(await opensTheDoor(tenant, pair.access.reveal())).toBe(true)
      expect(await grantOf(tenant)).toMatchObject({ is_dead: false, is_fenced: false })
      const sent = new Set(
        tenant.sandbox.consent.tokens.calls
          .filter(({ grantType }) => grantType === 'refresh_token')
          .map((call) => call.sent),
      )
      expect(sent.size).toBe(1)
    },
  )

  it('again and again leaves a connection that works', async () => {
    const tenant = await createConsented()
    await expireAccess(tenant)
    for (const step of [3, 4, 2, 4, 3, 1]) {
      await expect(grantedPair(dying(tenant, step, 'after').context, granted(tenant), null)).rejects.toThrow()
      await lapseFence(tenant)
      await expireAccess(tenant)
    }
    const pair = await grantedPair(tenant.context, granted(tenant), null)
    expect(await opensTheDoor(tenant, pair.access.reveal())).toBe(true)
    expect(await grantOf(tenant)).toMatchObject({ is_dead: false })
  })
})

describe('a database that is away when the pair has to be stored', () => {
  it.each(['unsent', 'unanswered'] as const)('is asked again until it answers: %s', async (fault) => {
    const tenant = await createConsented()
    await expireAccess(tenant)
    tenant.context.databaseFaults.push(fault, fault, fault)
    const pair = await grantedPair(tenant.context, granted(tenant), null)
    expect(await opensTheDoor(tenant, pair.access.reveal())).toBe(true)
    expect(tenant.sandbox.consent.tokens.sentAgainAfterSuccess()).toBe(0)
  })
})
