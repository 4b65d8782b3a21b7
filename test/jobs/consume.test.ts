import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createYclientsSandbox } from '#sandbox/yclients.ts'
import { consume } from '#jobs/consume.ts'
import { createTestContext, SANDBOX_URL } from '#test/context.ts'
import { query, runOf } from '#test/pages.ts'
import { connect, createSalonTenant, type Salon } from '#test/tenants.ts'

const DAYS_AGO = new Date(Date.now() - 3 * 86_400_000).toISOString()

async function settle(salon: Salon, bodies: readonly unknown[], queue = 'crm-live') {
  const messages = bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body }))
  const batch = createMessageBatch(queue, messages)
  await consume(batch, salon.context)
  return getQueueResult(batch, createExecutionContext())
}

describe('the consumer', () => {
  it('acknowledges work done, and messages that say nothing', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const unreadable = [{ kind: 'runs', runIds: ['no id'] }, { kind: 'runs', runIds: [] }, 'nonsense', null]
    expect(await settle(salon, [{ kind: 'runs', runIds: [json.id] }, ...unreadable])).toMatchObject({
      explicitAcks: ['m0', 'm1', 'm2', 'm3', 'm4'],
      retryMessages: [],
    })
    expect((await salon.call('GET', `${salon.path}/runs/${json.id}`)).json.status).toBe('succeeded')
  })

  it('asks for the message again when the database did not answer, and does not throw', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    salon.context.databaseFaults.push('unsent')
    const result = await settle(salon, [{ kind: 'runs', runIds: [json.id] }])
    expect(result.explicitAcks).toEqual([])
    expect(result.retryMessages).toMatchObject([{ msgId: 'm0' }])
  })

  it('is not held up by a CRM that does not answer: the others of its message go on', async () => {
    let release: () => void = () => undefined
    const held = new Promise<void>((go) => (release = go))
    const [slow, quick] = [createYclientsSandbox(), createYclientsSandbox()]
    Object.assign(quick.credentials, { apiSecret: 'of-the-quick-one' })
    const context = createTestContext({
      fetch: async (request) => {
        if (request.headers.get('authorization')?.includes('of-the-quick-one')) return quick.app.fetch(request)
        await held
        return slow.app.fetch(request)
      },
    })
    const runs = await Promise.all(
      [slow, quick].map(async ({ credentials: { companyId, ...credentials } }) => {
        const connected = await connect(context, {
          ...{ crmType: 'yclients', apiUrl: SANDBOX_URL, credentials, additionalConfig: { companyId } },
        })
        const { json } = await connected.call('POST', `${connected.path}/sync`)
        return {
          id: json.id,
          status: async () => (await connected.call('GET', `${connected.path}/runs/${json.id}`)).json.status,
        }
      }),
    )
    const body = { kind: 'runs', runIds: runs.map(({ id }) => id) }
    const message = { id: 'm', timestamp: new Date(), attempts: 1, body }
    const consumed = consume(createMessageBatch('crm-live', [message]), context)
    await expect.poll(async () => runs[1]?.status()).toBe('succeeded')
    expect(await runs[0]?.status()).toBe('running')
    release()
    await consumed
    await context.drain()
    expect(await runs[0]?.status()).toBe('succeeded')
  })

  it('acknowledges dead letters, whose runs the sweep still sees', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const result = await settle(salon, [{ kind: 'runs', runIds: [json.id] }, 'nonsense'], 'crm-dead')
    expect(result.explicitAcks).toEqual(['m0', 'm1'])
    expect(salon.context.logged.join('')).toContain('dead_letter')
    expect((await salon.call('GET', `${salon.path}/runs/${json.id}`)).json.status).toBe('queued')
  })

  it('records a dead letter once, though its message comes again since another of its runs was not recorded', async () => {
    const [first, second] = [await createSalonTenant(), await createSalonTenant()]
    const runIds = [(await first.call('POST', `${first.path}/sync`)).json.id]
    runIds.push((await second.call('POST', `${second.path}/sync`)).json.id)
    first.context.databaseFaults.push('none', 'unsent')
    const body = { kind: 'runs', runIds }
    expect((await settle(first, [body], 'crm-dead')).retryMessages).toMatchObject([{ msgId: 'm0' }])
    expect((await settle(first, [body], 'crm-dead')).explicitAcks).toEqual(['m0'])
    const recorded = async (salon: Salon) =>
      query(salon, sql`select dead_letters, attempt from sync_runs where integration_id = ${salon.integrationId}::uuid`)
    expect(await recorded(first)).toEqual([{ dead_letters: 1, attempt: 1 }])
    expect(await recorded(second)).toEqual([{ dead_letters: 1, attempt: 1 }])
  })

  it.each(['backfill', 'nightly'])(
    'sends a %s run on that has to be alone, and works on it in the bulk queue',
    async (kind) => {
      const salon = await createSalonTenant()
      const path = kind === 'backfill' ? 'backfill' : 'sync'
      const { json } = await salon.call(
        'POST',
        `${salon.path}/${path}`,
        kind === 'backfill' ? { from: DAYS_AGO } : undefined,
      )
      await query(salon, sql`update sync_runs set is_nightly = ${kind === 'nightly'} where id = ${json.id}::uuid`)
      salon.context.messages.length = 0
      const body = { kind: 'runs', runIds: [json.id] }
      await settle(salon, [body])
      expect(await runOf(salon, json.id)).toMatchObject({ status: 'queued' })
      expect(salon.context.messages).toEqual([{ lane: 'bulk', body, delaySeconds: 0 }])
      await settle(salon, [body], 'crm-bulk')
      expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded' })
    },
  )

  it('takes all runs of a message in one request, and asks for it again when the database does not answer', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const ids = [json.id, ...Array.from({ length: 4 }, () => crypto.randomUUID())]
    salon.context.databaseFaults.push('unsent')
    expect((await settle(salon, [{ kind: 'runs', runIds: ids }])).retryMessages).toMatchObject([{ msgId: 'm0' }])
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'queued' })
    const before = salon.context.roundTrips()
    await settle(salon, [{ kind: 'runs', runIds: ids.slice(1) }])
    expect(salon.context.roundTrips() - before).toBe(1)
    await settle(salon, [{ kind: 'runs', runIds: ids }])
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded' })
  })

  it('works on the runs of a message though one of them cannot be taken', async () => {
    const [broken, well] = [await createSalonTenant(), await createSalonTenant()]
    const [first, second] = await Promise.all(
      [broken, well].map(async (salon) => (await salon.call('POST', `${salon.path}/sync`)).json.id),
    )
    // The next epoch does not fit.
    const last = sql`lease_epoch = 9223372036854775807`
    await query(broken, sql`update crm_integrations set ${last} where id = ${broken.integrationId}::uuid`)
    const context = { ...broken.context, fetch: well.context.fetch }
    const result = await settle({ ...broken, context }, [{ kind: 'runs', runIds: [first, second] }])
    expect(result.retryMessages).toMatchObject([{ msgId: 'm0' }])
    expect(await runOf(well, second)).toMatchObject({ status: 'succeeded' })
    expect(await runOf(broken, first)).toMatchObject({ status: 'queued', attempt: 0 })
  })
})
