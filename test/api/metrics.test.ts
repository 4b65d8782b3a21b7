// What Prometheus reads: by its text format, its naming rules, and only with the token of the deployment.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { ALARMS } from '#health/alarms.ts'
import { toExposition } from '#health/exposition.ts'
import { runCron } from '#jobs/cron.ts'
import { createTestContext, type TestContext } from '#test/context.ts'
import { query } from '#test/pages.ts'
import { createSalonTenant, request } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

const METRICS_TOKEN = 'known-to-this-deployment-and-its-Prometheus'

async function scrape(context: TestContext, token: string = METRICS_TOKEN) {
  return request(context, '/v1/admin/metrics', { headers: { authorization: `Bearer ${token}` } })
}

interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const COMMENT = /^# (HELP|TYPE) ([a-z_]+) (.+)$/
const SAMPLE = /^([a-z_]+)(?:\{([^}]*)\})? (\S+)$/

/** Fails for a line that is neither a comment nor a sample of the family before it. */
function parse(text: string) {
  const types = new Map<string, string>()
  const series: Series[] = []
  expect(text.endsWith('\n')).toBe(true)
  for (const line of text.trimEnd().split('\n')) {
    const [, kind, family = '', said = ''] = COMMENT.exec(line) ?? []
    if (kind === 'TYPE') types.set(family, said)
    if (kind !== undefined) continue
    const [, name = '', list = '', value = ''] = SAMPLE.exec(line) ?? []
    expect([line, [...types.keys()].at(-1)]).toEqual([line, name])
    expect(Number.isFinite(Number(value)), line).toBe(true)
    const labels = [...list.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label = '', of = '']) => [label, of] as const)
    series.push({ name, labels: Object.fromEntries(labels), value: Number(value) })
  }
  const valueOf = (name: string, labels: Series['labels'] = {}) =>
    series.find((one) => one.name === name && Object.entries(labels).every(([label, of]) => one.labels[label] === of))
      ?.value
  return { types, series, valueOf }
}

describe('the metrics', () => {
  it('are for who has the deployment’s token, and nowhere without one', async () => {
    const context = createTestContext(null, { METRICS_TOKEN })
    expect((await scrape(createTestContext())).status).toBe(404)
    for (const wrong of ['', 'x', `${METRICS_TOKEN}x`, METRICS_TOKEN.slice(1), await adminToken()]) {
      const { status, headers } = await scrape(context, wrong)
      expect([wrong, status, headers.get('www-authenticate')]).toEqual([wrong, 401, 'Bearer'])
    }
    expect(context.roundTrips()).toBe(0)
    const { status, headers } = await scrape(context)
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
  })

  it('are valid: each family once, each series once, names by the rules', async () => {
    const salon = await createSalonTenant({ variables: { METRICS_TOKEN } })
    await runCron(salon.context)
    const { text } = await scrape(salon.context)
    const { types, series } = parse(text)
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(text.match(/^# HELP/gm)).toHaveLength(names.length)
    const keys = series.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`)
    expect(new Set(keys).size).toBe(keys.length)
    for (const [name, type] of types) {
      expect(name).toMatch(/^crm_[a-z_]*[a-z]$/)
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      expect(name).not.toMatch(/_(?:count|sum|bucket|gauge|counter|minutes|ms)$/)
    }
    expect(series.filter(({ name }) => name === 'crm_alarm').map(({ labels }) => labels['code'])).toEqual(
      Object.keys(ALARMS),
    )
  })

  it('say what is so: integrations by CRM and freshness, and counters that only rise', async () => {
    const salon = await createSalonTenant({ variables: { METRICS_TOKEN } })
    const now = async () => parse((await scrape(salon.context)).text).valueOf
    const before = await now()
    const change = async (set: ReturnType<typeof sql>) =>
      query(salon, sql`update crm_integrations set ${set} where id = ${salon.integrationId}::uuid`)
    await change(
      sql`sync_enabled = true, as_of = now() - interval '4 minutes', next_sync_at = now() + interval '1 day'`,
    )
    await runCron(salon.context)
    const after = await now()
    const grown = (name: string, labels: Series['labels'] = {}) =>
      (after(name, labels) ?? 0) - (before(name, labels) ?? 0)
    const yclients = { crm_type: 'yclients' }
    expect([
      grown('crm_integrations', { ...yclients, sync: 'on' }),
      grown('crm_integrations', { ...yclients, sync: 'off' }),
    ]).toEqual([1, -1])
    const fresh = ['120', '300', '+Inf'].map((le) => grown('crm_integrations_fresh', { ...yclients, le }))
    expect(fresh).toEqual([0, 1, 1])
    expect(grown('crm_cron_ticks_total')).toBe(1)
    await change(sql`sync_enabled = false, stopped_by = 'vendor', connection_status = 'failed'`)
    const stopped = await now()
    expect(
      (stopped('crm_integrations_stopped', { ...yclients, by: 'vendor' }) ?? 0) -
        (after('crm_integrations_stopped', { ...yclients, by: 'vendor' }) ?? 0),
    ).toBe(1)
    expect(
      (stopped('crm_integrations_refused', yclients) ?? 0) - (after('crm_integrations_refused', yclients) ?? 0),
    ).toBe(1)
  })

  it('escape what the format reserves', () => {
    const text = toExposition([
      { name: 'x', type: 'gauge', help: 'a\\b\nc', samples: [{ labels: { of: '"\\\n' }, value: 1 }, { value: null }] },
    ])
    expect(text).toBe('# HELP x a\\\\b\\nc\n# TYPE x gauge\nx{of="\\"\\\\\\n"} 1\n')
  })
})
