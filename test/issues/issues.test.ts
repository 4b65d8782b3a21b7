import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { ISSUES, describeIssue, type IssueCode } from '#issues/codes.ts'
import { CrmError } from '#lib/crm-error.ts'
import { cleanUp } from '#jobs/clean-up.ts'
import { failRun } from '#sync/fail-run.ts'
import { finishRun } from '#sync/finish-run.ts'
import { addFindings, createFindings } from '#sync/run-issues.ts'
import { openIssues } from '#test/issues.ts'
import { createWriter, query, take, transaction, type Writer } from '#test/pages.ts'
import { createSalonTenant, type Salon, sync } from '#test/tenants.ts'

const bad = (n: number) => ({ type: 'unmapped', externalId: `bad${n}`, reason: 'no date', raw: { id: n } }) as const
const page = (change: object) => ({ records: [], cursor: {}, ...change })
const REFUSED = new CrmError('forbidden', { reason: 'no_events' })

async function succeed({ salon, run }: Pick<Writer, 'salon' | 'run'>) {
  expect(await finishRun(salon.context, run, { status: 'succeeded' })).toBe('ended')
}

/** Another run of the same integration, as the schedule starts it. */
async function scheduled(salon: Salon) {
  const run = await take(salon)
  await query(salon, sql`update sync_runs set trigger = 'schedule', map_version = null where id = ${run.id}::uuid`)
  return { salon, run }
}

describe('the table of issues', () => {
  it.each(Object.keys(ISSUES) as IssueCode[])('says of %s in both languages what is wrong', (code) => {
    const values = { asOf: '2026-11-30 09:00', since: '2026-11-30 09:00', days: '2026-11-29', url: 'https://a.example' }
    const params = { kind: 'forbidden', list: 'events', records: '7', refused: '21', crmType: 'amoCRM', ...values }
    const { title, detail } = describeIssue(code, params, {})
    for (const text of [title, detail]) {
      expect(text.en).toMatch(/^[A-Za-z]/)
      expect(text.ru).toMatch(/[а-яё]/)
      expect(text.en + text.ru).not.toContain('{')
    }
  })

  it('takes the sentence of the cause from the connector', () => {
    const own = { no_events: { en: 'Open events to {who}.', ru: 'Откройте события: {who}.' } }
    const { detail } = describeIssue(
      'side_list_refused',
      { kind: 'forbidden', reason: 'no_events', who: 'us', list: 'x' },
      own,
    )
    expect(detail.ru).toContain('Откройте события: us.')
  })

  it('has one open issue of a code and subject: the database refuses a second', async () => {
    const salon = await createSalonTenant()
    const open = sql`insert into issues (integration_id, code, detail_key, severity, whose_turn, params)
      values (${salon.integrationId}::uuid, 'brake', '', 'error', 'owner', '{}')`
    await query(salon, open)
    await expect(query(salon, open)).rejects.toMatchObject({ cause: { constraint: 'issues_one_open' } })
    await query(salon, sql`update issues set resolved_at = now() where integration_id = ${salon.integrationId}::uuid`)
    await query(salon, open)
  })

  it('forgets what has been over for more than a year, and goes with its integration', async () => {
    const salon = await createSalonTenant()
    await query(
      salon,
      sql`insert into issues (integration_id, code, severity, whose_turn, params, resolved_at)
        select ${salon.integrationId}::uuid, 'brake', 'error', 'owner', '{}', now() - days * interval '1 day'
        from unnest(array[1, 399, 401, null]) as days`,
    )
    await cleanUp(salon.context)
    const count = sql`select count(*)::int as left from issues where integration_id = ${salon.integrationId}::uuid`
    expect(await query(salon, count)).toEqual([{ left: 3 }])
    await salon.call('DELETE', salon.path)
    expect(await query(salon, count)).toEqual([{ left: 0 }])
  })
})

describe('unreadable records', () => {
  it('open one issue while others can be read, and two when none can', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a'), bad(1), bad(2)])
    await succeed(writer)
    expect(await openIssues(writer.salon)).toMatchObject([{ code: 'records_unreadable', params: { records: '2' } }])
    const second = await createWriter(writer.salon)
    await second.write([bad(2), bad(3)])
    await succeed(second)
    expect(await openIssues(writer.salon)).toMatchObject([
      { code: 'nothing_readable', params: { records: '1' }, count: 1 },
      { code: 'records_unreadable', params: { records: '3' }, count: 2 },
    ])
  })

  it('open nothing anew when a quiet sync shows only what is in quarantine', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a'), bad(1)])
    await succeed(writer)
    const second = await createWriter(writer.salon)
    await second.write([bad(1)])
    await succeed(second)
    expect(await openIssues(writer.salon)).toMatchObject([{ code: 'records_unreadable', count: 1 }])
  })

  it('are over when they can be read', async () => {
    const writer = await createWriter()
    await writer.write([bad(1)])
    await succeed(writer)
    expect(await openIssues(writer.salon)).toHaveLength(2)
    const second = await createWriter(writer.salon)
    await second.write([transaction('bad1', { status: 'unpaid' })])
    await succeed(second)
    expect(await openIssues(writer.salon)).toEqual([])
  })

  it('that are the greater part of a page open the issue though the page is refused', async () => {
    const writer = await createWriter()
    await writer.write([1, 2, 3, 4, 5].map(bad))
    await succeed(writer)
    expect((await openIssues(writer.salon)).map(({ code }) => code)).toEqual(['nothing_readable', 'records_unreadable'])
  })
})

describe('a side list that is refused', () => {
  it('has an issue of its own, which its answer ends', async () => {
    const salon = await createSalonTenant()
    const first = { salon, run: await take(salon) }
    const findings = createFindings()
    addFindings(
      findings,
      page({
        leftOut: [
          { list: 'events', error: REFUSED },
          { list: 'bin', error: REFUSED },
        ],
      }),
    )
    await finishRun(salon.context, first.run, { status: 'succeeded' }, findings)
    const params = { list: 'bin', kind: 'forbidden', reason: 'no_events' }
    expect(await openIssues(salon)).toMatchObject([
      { code: 'side_list_refused', detail_key: 'bin', params },
      { code: 'side_list_refused', detail_key: 'events' },
    ])
    const second = await scheduled(salon)
    const answered = createFindings()
    addFindings(answered, page({ answered: ['events'] }))
    await finishRun(salon.context, second.run, { status: 'succeeded' }, answered)
    expect(await openIssues(salon)).toMatchObject([{ detail_key: 'bin', count: 1 }])
  })

  it('stays told of while it was not asked for, until a wide scan does not tell it any more', async () => {
    const salon = await createSalonTenant()
    const findings = createFindings()
    addFindings(
      findings,
      page({ leftOut: [{ list: 'bin', error: REFUSED }], remarks: [{ code: 'archived_receipts_gone', count: 2 }] }),
    )
    addFindings(findings, page({ answered: ['bin'], remarks: [{ code: 'archived_receipts_gone', count: 3 }] }))
    await finishRun(salon.context, await take(salon), { status: 'succeeded' }, findings)
    await succeed(await scheduled(salon))
    expect(await openIssues(salon)).toMatchObject([
      { code: 'archived_receipts_gone', params: { records: '5' } },
      { code: 'side_list_refused' },
    ])
    await succeed({ salon, run: await take(salon) })
    expect(await openIssues(salon)).toEqual([])
  })
})

describe('the brake', () => {
  it('has an issue until nothing waits for a confirmation', async () => {
    const salon = await createSalonTenant()
    const run = await take(salon)
    const brake = new CrmError('rejected', { reason: 'brake', params: { cancelled: '21' } })
    await failRun(salon.context, run, { isCommitted: false, findings: createFindings() }, brake)
    expect(await openIssues(salon)).toMatchObject([{ code: 'brake', params: { cancelled: '21', reason: 'brake' } }])
    await succeed({ salon, run: await take(salon) })
    expect(await openIssues(salon)).toEqual([])
  })
})

describe('a refusal', () => {
  const passing = new CrmError('forbidden', { reason: 'unpaid', mayPass: true })

  async function enabled(): Promise<Salon> {
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    return salon
  }

  /** A run whose retries are used up. */
  async function refused(salon: Salon, isCommitted = false) {
    const run = { ...(await take(salon)), attempt: 3 }
    return failRun(salon.context, run, { isCommitted, findings: createFindings() }, passing)
  }

  async function later(salon: Salon, minutes: number) {
    const since = sql`passing_refusal_since = passing_refusal_since - ${minutes} * interval '1 minute'`
    await query(salon, sql`update crm_integrations set ${since} where id = ${salon.integrationId}::uuid`)
  }

  const isOn = async (salon: Salon) => (await salon.call('GET', salon.path)).json.syncEnabled

  it('that may pass stops sync only when it is still there after a quarter of an hour', async () => {
    const salon = await enabled()
    await refused(salon)
    await later(salon, 14)
    await refused(salon)
    expect(await isOn(salon)).toBe(true)
    expect(await openIssues(salon)).toMatchObject([{ code: 'refused_for_now', count: 2 }])
    await later(salon, 2)
    await refused(salon)
    expect(await isOn(salon)).toBe(false)
    expect(await openIssues(salon)).toMatchObject([{ code: 'connection_refused', params: { reason: 'unpaid' } }])
  })

  it('that may pass is forgotten by a success, and no connection test changes what is known of it', async () => {
    const salon = await enabled()
    await refused(salon)
    await later(salon, 16)
    salon.sandbox.denied.add('licence')
    expect((await salon.call('POST', `${salon.path}/test`)).json.ok).toBe(false)
    salon.sandbox.denied.clear()
    expect((await salon.call('POST', `${salon.path}/test`)).json.ok).toBe(true)
    expect(await sync(salon)).toMatchObject({ status: 'succeeded' })
    expect(await openIssues(salon)).toEqual([])
    await refused(salon)
    expect(await isOn(salon)).toBe(true)
  })

  it('that may pass counts from anew after another one, or a page in between', async () => {
    const salon = await enabled()
    await refused(salon)
    await later(salon, 16)
    const other = new CrmError('auth', { reason: 'maintenance', mayPass: true })
    const run = { ...(await take(salon)), attempt: 3 }
    await failRun(salon.context, run, { isCommitted: false, findings: createFindings() }, other)
    await refused(salon)
    await later(salon, 16)
    expect(await refused(salon, true)).toBe('waiting')
    expect(await isOn(salon)).toBe(true)
  })

  it('has an issue from the stop until sync is on again', async () => {
    const salon = await enabled()
    salon.sandbox.denied.add('licence')
    await sync(salon)
    expect(await openIssues(salon)).toMatchObject([{ code: 'connection_refused', params: { kind: 'forbidden' } }])
    salon.sandbox.denied.clear()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    expect(await openIssues(salon)).toEqual([])
  })
})
