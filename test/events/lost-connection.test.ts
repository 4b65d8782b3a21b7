// A lost connection from end to end: whoever has to know is told, and a reconnect ends all of it.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { raiseAlarms } from '#health/raise-alarms.ts'
import { query } from '#test/pages.ts'
import { deliverAll, listen } from '#test/receiver.ts'
import { createSalonTenant, sync } from '#test/tenants.ts'

it('a token that is revoked leads to an issue, an event, an alarm and an audit line, until a reconnect', async () => {
  const alerts: { code: string; status: string; text: string }[] = []
  const variables = { ALERT_WEBHOOK_URL: 'https://chat.example.com/hook' }
  const salon = await createSalonTenant({ variables })
  const operator = {
    ...salon.context,
    fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
      alerts.push(await new Request(input, init).json<(typeof alerts)[number]>())
      return new Response('ok')
    },
  }
  const ofLost = () => alerts.filter(({ code }) => code === 'connections_lost').map(({ status }) => status)
  await query(salon, sql`update issues set since = now() - interval '2 days' where code = 'connection_refused'`)
  await query(salon, sql`delete from alarms where code = 'connections_lost'`)
  const listening = await listen(salon, { types: ['issue.opened', 'issue.resolved', 'connection.changed'] })
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  await deliverAll(salon.context, listening)

  salon.sandbox.denied.add('licence')
  await sync(salon)
  const { json } = await salon.call('GET', `${salon.path}/issues?open=true`, undefined, { 'accept-language': 'ru' })
  expect(json.items).toMatchObject([{ code: 'connection_refused', whoseTurn: 'owner', severity: 'error' }])
  expect(json.items[0].detail).toMatch(/[а-яё].*синхронизация выключена/i)
  const told = await deliverAll(salon.context, listening)
  const byType = new Map(told.map(({ json: { type, data } }) => [type, data]))
  expect(byType.get('issue.opened')).toMatchObject({ translations: { ru: { detail: json.items[0].detail } } })
  expect(byType.get('connection.changed')).toMatchObject({ status: 'failed', stoppedBy: 'vendor' })
  await raiseAlarms(operator)
  expect(ofLost()).toEqual(['opened'])
  const [line] = await query(
    salon,
    sql`select action from audit where integration_id = ${salon.integrationId}::uuid and action = 'integration.disabled'`,
  )
  expect(line).toBeTruthy()

  salon.sandbox.denied.clear()
  const { apiKey, apiSecret } = salon.sandbox.credentials
  const reconnected = await salon.call('PATCH', salon.path, { credentials: { apiKey, apiSecret }, syncEnabled: true })
  expect(reconnected.json).toMatchObject({ syncEnabled: true, stoppedBy: null, connection: { status: 'ok' } })
  expect((await salon.call('GET', `${salon.path}/issues?open=true`)).json.items).toEqual([])
  const types = (await deliverAll(salon.context, listening)).map(({ json: { type } }) => type)
  expect(new Set(types)).toEqual(new Set(['issue.resolved', 'connection.changed']))
  await query(salon, sql`update alarms set last_seen_at = now() - interval '4 minutes' where code = 'connections_lost'`)
  await raiseAlarms(operator)
  expect(ofLost()).toEqual(['opened', 'closed'])
})
