import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { pendingMigrations } from '#db/schema-version.ts'
import { engineHealth } from '#health/engine-health.ts'
import { raiseAlarms } from '#health/raise-alarms.ts'
import { createTestContext, SANDBOX_URL } from '#test/context.ts'
import { openIssues } from '#test/issues.ts'
import { query } from '#test/pages.ts'
import { createSalonTenant, sync } from '#test/tenants.ts'

const LOST = sql`code = 'connections_lost'`

/** An operator's chat, which takes what it is told or not. */
async function createOperator() {
  const told: { code: string; status: string; text: string; id: string }[] = []
  let status = 200
  const chat = {
    fetch: async (request: Request) => {
      if (status === 200) told.push(await request.json())
      return new Response('no', { status })
    },
  }
  const context = createTestContext(chat, { ALERT_WEBHOOK_URL: `${SANDBOX_URL}/chat` })
  await context.db.execute(sql`delete from alarms where ${LOST}`)
  return {
    context,
    answer: (next: number) => void (status = next),
    /** What it is told of lost connections by one tick. */
    tick: async () => {
      told.length = 0
      await raiseAlarms(context)
      return told.filter(({ code }) => code === 'connections_lost')
    },
    pass: async (minutes: number) =>
      context.db.execute(sql`update alarms set last_seen_at = last_seen_at - ${minutes}::int * interval '1 minute',
        sending_until = sending_until - interval '2 minutes' where ${LOST}`),
  }
}

describe('an alarm', () => {
  it('of a lost connection reaches the operator once, and once more when a reconnect has ended it', async () => {
    const salon = await createSalonTenant()
    await query(salon, sql`update issues set since = now() - interval '2 days' where code = 'connection_refused'`)
    const { context, tick, pass } = await createOperator()
    expect(await tick()).toEqual([])
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    salon.sandbox.denied.add('licence')
    await sync(salon)
    expect(await openIssues(salon)).toMatchObject([{ code: 'connection_refused' }])
    const { issues, alarms } = await engineHealth(salon.context, 'ru')
    expect(issues.find(({ crmType }) => crmType === 'yclients')).toMatchObject({ connectionsLostLastDay: 1 })
    expect(alarms.find(({ code }) => code === 'connections_lost')?.detail).toMatch(/[а-яё]/)
    const [opened, ...rest] = await tick()
    expect(opened).toMatchObject({
      status: 'opened',
      text: expect.stringMatching(/connections_lost: Within.*отказала/s),
    })
    expect(rest).toEqual([])
    expect(await tick()).toEqual([])
    salon.sandbox.denied.clear()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    expect(await tick()).toEqual([])
    await pass(4)
    expect(await tick()).toMatchObject([{ status: 'closed', id: opened?.id }])
    expect(await tick()).toEqual([])
    // A second time is another alarm.
    salon.sandbox.denied.add('licence')
    await sync(salon)
    const again = await tick()
    expect(again).toMatchObject([{ status: 'opened' }])
    expect(again[0]?.id).not.toBe(opened?.id)
    await salon.call('DELETE', salon.path)
    await context.db.execute(sql`delete from alarms where ${LOST}`)
  })

  it('is told when the receiver is back, also of what was over meanwhile, and by one of two ticks', async () => {
    const { context, tick, pass, answer } = await createOperator()
    await context.db.execute(sql`insert into alarms (code) values ('connections_lost')`)
    answer(500)
    expect(await tick()).toEqual([])
    await pass(4)
    expect(await tick()).toEqual([])
    answer(200)
    expect(await tick()).toEqual([])
    await pass(0)
    const other = await createOperator()
    await context.db.execute(sql`insert into alarms (code, closed_at) values ('connections_lost', now())`)
    const told = await Promise.all([tick(), other.tick()])
    const later = [await tick(), await tick()]
    // The two ticks may share them in either order.
    const statuses = [...told, ...later].flat().map(({ status }) => status)
    expect(statuses.toSorted()).toEqual(['closed', 'opened'])
    await context.db.execute(sql`delete from alarms where ${LOST}`)
  })

  it('goes nowhere where no address is set, or where its address may not be called', async () => {
    expect(await raiseAlarms(createTestContext())).toBe(0)
    const context = createTestContext(null, { ALERT_WEBHOOK_URL: 'https://10.0.0.1/chat' })
    await context.db.execute(sql`insert into alarms (code, closed_at) values ('connections_lost', now())`)
    expect(await raiseAlarms(context)).toBe(0)
    expect(context.logged.join()).toContain('alert_refused')
    await context.db.execute(sql`delete from alarms where ${LOST}`)
  })
})

describe('the migrations', () => {
  it('that this Worker needs are there, and are counted where they are not', async () => {
    expect((await engineHealth(createTestContext(), 'en')).pendingMigrations).toBe(0)
    expect(pendingMigrations(0)).toBeGreaterThan(10)
  })
})
