import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { consume } from '#sync/consume.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

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

  it('acknowledges dead letters, whose runs the sweep still sees', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const result = await settle(salon, [{ kind: 'run', runId: json.id }, 'nonsense'], 'crm-runs-dead')
    expect(result.explicitAcks).toEqual(['m0', 'm1'])
    expect(salon.context.logged.join('')).toContain('dead_letter')
    expect((await salon.call('GET', `${salon.path}/runs/${json.id}`)).json.status).toBe('queued')
  })
})
