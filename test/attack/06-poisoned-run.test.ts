// Finding 6: a run that killed its isolate cost the four other runs of its batch an attempt each time.
import { createMessageBatch } from 'cloudflare:test'
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { consume } from '#jobs/consume.ts'
import { recordDeadLetter } from '#jobs/record-dead-letter.ts'
import { createYclientsSandbox } from '#sandbox/yclients.ts'
import { createTestContext, SANDBOX_URL, type TestContext } from '#test/context.ts'
import { runOf } from '#test/pages.ts'
import { type Connected, connect } from '#test/tenants.ts'

const POISON = 'of-the-poisoned-one'
const never = async () => new Promise<never>(() => undefined)

interface Tenant {
  readonly connected: Connected
  readonly runId: string
}

/** Five runs over one context; the CRM of the first one answers with what kills an isolate. */
async function fiveRuns(): Promise<{ readonly context: TestContext; readonly tenants: Tenant[] }> {
  const sandboxes = Array.from({ length: 5 }, (_, index) => {
    const sandbox = createYclientsSandbox()
    Object.assign(sandbox.credentials, { apiSecret: index === 0 ? POISON : `secret-${index}` })
    return sandbox
  })
  const context = createTestContext({
    fetch: async (request) => {
      const shown = request.headers.get('authorization') ?? ''
      const own = sandboxes.find(({ credentials }) => shown.includes(credentials.apiSecret))
      return own ? own.app.fetch(request) : new Response(null, { status: 401 })
    },
  })
  const tenants = await Promise.all(
    sandboxes.map(async ({ credentials: { companyId, ...credentials } }) => {
      const additionalConfig = { companyId, initialDays: 7 }
      const connected = await connect(context, {
        ...{ crmType: 'yclients', apiUrl: SANDBOX_URL, credentials, additionalConfig },
      })
      return { connected, runId: (await connected.call('POST', `${connected.path}/sync`)).json.id }
    }),
  )
  context.messages.length = 0
  return { context, tenants }
}

/**
 * Works on a message of that queue in an isolate that dies of the poison: from then on nothing in it goes on. False: it
 * lived.
 */
async function isolateDiesOf(
  context: TestContext,
  queue: 'crm-live' | 'crm-bulk',
  runIds: readonly string[],
  isOthersSlow = false,
): Promise<boolean> {
  let isDead = false
  let isDone = false
  const fetch: TestContext['fetch'] = async (input, init) => {
    const isPoison = new Headers(init?.headers).get('authorization')?.includes(POISON) === true
    if (isPoison) isDead = true
    return isPoison || isDead || isOthersSlow ? never() : context.fetch(input, init)
  }
  const clock = {
    ...context.clock,
    sleep: async (ms: number) => (isDead || isOthersSlow ? never() : context.clock.sleep(ms)),
  }
  const message = { id: 'm', timestamp: new Date(), attempts: 1, body: { kind: 'runs', runIds } }
  void consume(createMessageBatch(queue, [message]), { ...context, fetch, clock }).then(() => (isDone = true))
  await expect.poll(() => isDead || isDone).toBe(true)
  return isDead
}

/** A minute later. */
async function expireLeases(tenants: readonly Tenant[]): Promise<void> {
  for (const { connected } of tenants)
    await connected.context.db.execute(sql`
      update crm_integrations set lease_until = now() - interval '1 second'
      where id = ${connected.integrationId}::uuid and lease_until is not null`)
}

async function untilAllHaveBegun(tenants: readonly Tenant[]): Promise<void> {
  for (const { connected, runId } of tenants)
    await expect.poll(async () => (await runOf(connected, runId)).status).toBe('running')
}

it('fails alone after a bounded number of deaths, and its neighbours succeed with no attempt lost', async () => {
  const { context, tenants } = await fiveRuns()
  const [poisoned, ...healthy] = tenants
  if (!poisoned) throw new Error('no run')
  const all = tenants.map(({ runId }) => runId)
  // All five are under way when the isolate dies, and a minute later they are in one message again.
  expect(await isolateDiesOf(context, 'crm-live', all, true)).toBe(true)
  await untilAllHaveBegun(tenants)
  await expireLeases(tenants)
  expect(await isolateDiesOf(context, 'crm-live', all)).toBe(false)
  const alone = all.map((runId) => ({ lane: 'bulk', body: { kind: 'runs', runIds: [runId] }, delaySeconds: 0 }))
  expect(context.messages).toEqual(expect.arrayContaining(alone))
  for (const { connected, runId } of healthy) {
    expect(await isolateDiesOf(context, 'crm-bulk', [runId])).toBe(false)
    expect(await runOf(connected, runId)).toMatchObject({ status: 'succeeded', attempt: 0, error: null })
  }
  let deaths = 1
  for (; deaths < 10; deaths += 1) {
    await expireLeases(tenants)
    if (!(await isolateDiesOf(context, 'crm-bulk', [poisoned.runId]))) break
  }
  expect(deaths).toBe(5)
  const failed = await runOf(poisoned.connected, poisoned.runId)
  expect(failed).toMatchObject({ status: 'failed', error: { kind: 'internal', code: 'internal.worker_lost' } })
  expect(failed.error.message).toContain('broke off several times')
}, 60_000)

it('costs no attempt of a run whose message the queue gave up because of it', async () => {
  const { context, tenants } = await fiveRuns()
  const [, healthy] = tenants
  if (!healthy) throw new Error('no run')
  const { connected, runId } = healthy
  await isolateDiesOf(
    context,
    'crm-live',
    tenants.map((tenant) => tenant.runId),
    true,
  )
  await untilAllHaveBegun(tenants)
  await expireLeases(tenants)
  for (let times = 0; times < 5; times += 1) await recordDeadLetter(context, runId)
  expect(await runOf(connected, runId)).toMatchObject({ status: 'running', attempt: 0 })
  // A message that no worker ever began to work on is another matter: taking its run may be what fails.
  await context.db.execute(
    sql`update sync_runs set enqueued_at = now() + interval '1 second' where id = ${runId}::uuid`,
  )
  await recordDeadLetter(context, runId)
  expect(await runOf(connected, runId)).toMatchObject({ attempt: 1 })
}, 60_000)
