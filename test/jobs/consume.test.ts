import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { describe, expect, it, vi } from 'vitest'
import { createYclientsSandbox } from '#sandbox/yclients.ts'
import { consume } from '#jobs/consume.ts'
import { createTestContext, SANDBOX_URL } from '#test/context.ts'
import { connect, createSalonTenant, type Salon } from '#test/tenants.ts'

async function settle(salon: Salon, bodies: readonly unknown[], queue = 'crm-runs') {
  const messages = bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body }))
  const batch = createMessageBatch(queue, messages)
  await consume(batch, salon.context)
  return getQueueResult(batch, createExecutionContext())
}

describe('the consumer', () => {
  it('acknowledges work done, and messages that say nothing', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const bodies = [{ kind: 'run', runId: json.id }, { kind: 'run', runId: 'no id' }, 'nonsense', null]
    expect(await settle(salon, bodies)).toMatchObject({
      explicitAcks: ['m1', 'm2', 'm3', 'm0'].toSorted(),
      retryMessages: [],
    })
    expect((await salon.call('GET', `${salon.path}/runs/${json.id}`)).json.status).toBe('succeeded')
  })

  it('asks for the message again when the database did not answer, and does not throw', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    salon.context.databaseFaults.push('unsent')
    const result = await settle(salon, [{ kind: 'run', runId: json.id }])
    expect(result.explicitAcks).toEqual([])
    expect(result.retryMessages).toMatchObject([{ msgId: 'm0' }])
  })

  it('is not held up by a CRM that does not answer: the others of the batch go on', async () => {
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
    const messages = runs.map(({ id }) => ({
      id,
      timestamp: new Date(),
      attempts: 1,
      body: { kind: 'run', runId: id },
    }))
    const consumed = consume(createMessageBatch('crm-runs', messages), context)
    await vi.waitFor(async () => expect(await runs[1]?.status()).toBe('succeeded'), 20_000)
    expect(await runs[0]?.status()).toBe('running')
    release()
    await consumed
    await context.drain()
    expect(await runs[0]?.status()).toBe('succeeded')
  })

  it('acknowledges dead letters, whose runs the sweep still sees', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const result = await settle(salon, [{ kind: 'run', runId: json.id }, 'nonsense'], 'crm-runs-dead')
    expect(result.explicitAcks).toEqual(['m0', 'm1'])
    expect(salon.context.logged.join('')).toContain('dead_letter')
    expect((await salon.call('GET', `${salon.path}/runs/${json.id}`)).json.status).toBe('queued')
  })
})
