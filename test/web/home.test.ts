import { describe, expect, it } from 'vitest'
import type { components } from '#client/schema.ts'
import { activeRun } from '#web/runs/active-run.ts'
import { dailySales } from '#web/screens/home/daily-sales.ts'
import { runBars } from '#web/screens/home/run-bars.ts'
import { stepParts } from '#web/screens/home/setup-steps.ts'
import { homeState } from '#web/screens/home/state.ts'

type Integration = components['schemas']['Integration']
type Issue = components['schemas']['Issue']
type Run = components['schemas']['Run']

const ON = {
  crmType: 'yclients',
  apiUrl: 'https://api.yclients.com',
  syncEnabled: true,
  stoppedBy: null,
  lastSyncStatus: 'success',
  connection: { status: 'ok', checkedAt: '2026-11-01T00:00:00Z', account: null },
  freshness: { asOf: '2026-11-30T12:00:00Z', targetMinutes: 10, isLate: false },
} as const satisfies Partial<Integration>
const OFF = { ...ON, syncEnabled: false }
const connection = (status: Integration['connection']['status']) => ({ ...ON.connection, status })

const issue = (severity: Issue['severity'], whoseTurn: Issue['whoseTurn']): Issue => ({
  ...{ id: crypto.randomUUID(), businessId: null, integrationId: null, endpointId: null },
  ...{ code: 'sync_failed', severity, whoseTurn, title: 'It failed', detail: 'Why', count: 1, resolvedAt: null },
  ...{ since: '2026-11-30T12:00:00Z', lastSeenAt: '2026-11-30T12:00:00Z' },
})

describe('the state of a connection', () => {
  it.each([
    ['works', ON, [], null],
    ['works', ON, [issue('warning', 'nobody'), issue('warning', 'operator')], null],
    ['remarks', ON, [issue('warning', 'owner')], 'issues'],
    ['yourTurn', ON, [issue('error', 'operator'), issue('error', 'owner')], 'issues'],
    ['ourTurn', ON, [issue('error', 'operator')], 'contact'],
    ['late', { ...ON, freshness: { ...ON.freshness, isLate: true } }, [issue('warning', 'vendor')], null],
    ['loading', { ...ON, lastSyncStatus: null, freshness: { ...ON.freshness, asOf: null } }, [], null],
    ['loading', { ...ON, lastSyncStatus: 'in_progress', freshness: { ...ON.freshness, asOf: null } }, [], null],
    ['failing', { ...ON, lastSyncStatus: 'failed', freshness: { ...ON.freshness, asOf: null } }, [], 'contact'],
    ['refused', { ...OFF, stoppedBy: 'vendor' }, [issue('error', 'owner')], 'reconnect'],
    ['refused', { ...OFF, connection: connection('failed') }, [], 'reconnect'],
    ['uninstalled', { ...OFF, stoppedBy: 'uninstall' }, [], 'reconnect'],
    ['frozen', { ...OFF, stoppedBy: 'freeze' }, [], null],
    ['paused', { ...OFF, stoppedBy: 'person' }, [], 'switchOn'],
    ['untested', { ...OFF, connection: connection('untested') }, [], 'test'],
    ['ready', OFF, [], 'switchOn'],
    ['files', { ...OFF, crmType: 'csv', apiUrl: null, connection: connection('untested') }, [], 'import'],
    ['paused', { ...OFF, crmType: 'csv', apiUrl: 'https://files.test/a.csv', stoppedBy: 'person' }, [], 'switchOn'],
  ] as const)('is %s (%#)', (name, integration, issues, next) => {
    expect(homeState(integration, issues)).toMatchObject({ name, next })
  })
})

describe('sales by day', () => {
  const item = { period: '2026-11-02', locationId: null, kind: 'sale', status: 'paid', currency: 'RUB' } as const
  const days = ['2026-11-01', '2026-11-02', '2026-11-03']

  it('adds up what was paid, takes refunds off, and keeps the days without sales', () => {
    const items = [
      { ...item, count: 2, amountMinor: 300_00 },
      { ...item, locationId: 'b', count: 1, amountMinor: 100_00 },
      { ...item, kind: 'refund' as const, count: 1, amountMinor: -50_00 },
      { ...item, status: 'cancelled' as const, count: 9, amountMinor: 900_00 },
    ]
    expect(dailySales(items, days)).toEqual({
      currency: 'RUB',
      hasOthers: false,
      days: [
        { day: '2026-11-01', amountMinor: 0, sales: 0, refunds: 0 },
        { day: '2026-11-02', amountMinor: 350_00, sales: 3, refunds: 1 },
        { day: '2026-11-03', amountMinor: 0, sales: 0, refunds: 0 },
      ],
    })
  })

  it('never adds two currencies, and takes the one with more sales', () => {
    const items = [
      { ...item, count: 1, amountMinor: 5 },
      { ...item, currency: 'KZT', count: 2, amountMinor: 7 },
    ]
    expect(dailySales(items, days)).toMatchObject({
      currency: 'KZT',
      hasOthers: true,
      days: [{}, { amountMinor: 7 }, {}],
    })
  })

  it('is null without sales', () => {
    expect(dailySales([], days)).toBeNull()
  })
})

const COUNTERS = { pages: 0, fetched: 0, inserted: 0, updated: 0, unchanged: 0, skipped: 0, quarantined: 0 }
const RUN: Run = {
  ...{
    id: 'a',
    integrationId: 'i',
    trigger: 'schedule',
    task: 'pull',
    status: 'succeeded',
    attempt: 0,
    counters: COUNTERS,
  },
  ...{ progress: { done: 0, total: null }, resumeAt: null, error: null, estimatedCalls: null },
  ...{ needsConfirmation: false, createdAt: '2026-11-30T12:00:00Z' },
  ...{ startedAt: '2026-11-30T12:00:00Z', finishedAt: '2026-11-30T12:00:04Z' },
}

describe('the bars of runs', () => {
  const now = new Date('2026-11-30T12:00:16Z')

  it('are oldest first, and as high as the root of their time', () => {
    const newest = { ...RUN, id: 'b', status: 'running' as const, finishedAt: null }
    expect(runBars([newest, RUN], now)).toMatchObject([
      { run: { id: 'a' }, outcome: 'nothingNew', seconds: 4, height: 0.5 },
      { run: { id: 'b' }, outcome: 'active', seconds: 16, height: 1 },
    ])
  })

  it('tell what changed from what did not, and what failed', () => {
    const outcomes = runBars(
      [
        { ...RUN, status: 'failed' },
        { ...RUN, status: 'cancelled' },
        { ...RUN, status: 'queued', startedAt: null, finishedAt: null },
        { ...RUN, counters: { ...COUNTERS, updated: 1 } },
      ],
      now,
    ).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['changed', 'active', 'cancelled', 'failed'])
  })
})

describe('the run to follow', () => {
  const now = new Date('2026-11-30T12:00:16Z')
  const queued: Run = { ...RUN, id: 'q', status: 'queued', startedAt: null, finishedAt: null }

  it('is the newest that is under way, also while it waits', () => {
    expect(activeRun([RUN, { ...queued, id: 'w', status: 'waiting', resumeAt: '2026-11-30T13:00:00Z' }], now)?.id).toBe(
      'w',
    )
    expect(activeRun([queued, RUN], now)?.id).toBe('q')
  })

  it('is none that the schedule has only put in line ahead', () => {
    expect(activeRun([{ ...queued, resumeAt: '2026-11-30T12:00:30Z' }, RUN], now)).toBeNull()
  })
})

describe('the steps for webhooks', () => {
  it('offer the address and the secret for copying, without the marks of the sentence', () => {
    const url = 'https://crm.example.com/webhooks/iiko/Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4'
    const secret = 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0'
    expect(stepParts(`Впишите адрес ${url}, и секрет ${secret}.`)).toEqual([
      { text: 'Впишите адрес ', isCopyable: false },
      { text: url, isCopyable: true },
      { text: ', и секрет ', isCopyable: false },
      { text: secret, isCopyable: true },
      { text: '.', isCopyable: false },
    ])
  })

  it('are one text where there is nothing to copy', () => {
    expect(stepParts('Ask the vendor.')).toEqual([{ text: 'Ask the vendor.', isCopyable: false }])
  })
})
