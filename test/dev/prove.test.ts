// What npm run prove takes and prints; test/e2e/start.test.ts runs it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readOptions } from '#dev/prove/options.ts'
import { type CheckedDay, outcomeOf, tableOf } from '#dev/prove/report.ts'

const ID = '0b8f6c1e-5d0a-4b7e-9a63-2f4c8f1d7a10'
const NAMED = { PROVE_URL: 'https://crm.example.com', PROVE_INTEGRATION: ID, PROVE_TOKEN: 'secret' }

describe('the options of a proof', () => {
  it('come from the environment, and the command line goes first', () => {
    expect(readOptions([], NAMED)).toEqual({
      ...{ url: 'https://crm.example.com', integrationId: ID, token: 'secret' },
      ...{ days: 7, language: 'en', usesLast: false, explained: 0 },
    })
    const args = ['--url', 'http://127.0.0.1:8787', '--days', '30', '--last', '--explain', '3', '--language', 'ru']
    expect(readOptions(args, NAMED)).toMatchObject({
      ...{ url: 'http://127.0.0.1:8787', days: 30, language: 'ru', usesLast: true, explained: 3 },
    })
    expect(readOptions(['--help'], {})).toBeNull()
  })

  it('are those of the demo of npm start where none is named', () => {
    const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-prove-'))
    const demo = { token: 'demo', integrationId: ID, businessId: ID }
    writeFileSync(join(directory, 'state.json'), JSON.stringify({ url: 'http://127.0.0.1:1', demo }))
    expect(readOptions([], { DEV_DIR: directory })).toMatchObject({ url: 'http://127.0.0.1:1', token: 'demo' })
    rmSync(directory, { recursive: true })
    expect(() => readOptions([], { DEV_DIR: directory })).toThrow('--url is missing.')
  })

  it.each([
    [['--days', '0'], '--days: expected a number from 1 to 366.'],
    [['--days', 'all'], '--days: expected a number from 1 to 366.'],
    [['--explain', '10'], '--explain: expected a number from 1 to 9.'],
    [['--integration', '7'], '--integration: expected a UUID.'],
    [['--url', 'crm.example.com'], '--url: expected an address such as https://crm.example.com.'],
    [['--language', 'de'], '--language: expected ru or en.'],
    [['--sudden'], "Unknown option '--sudden'"],
  ])('that cannot be meant are refused by a sentence: %j', (args, sentence) => {
    expect(() => readOptions(args, NAMED)).toThrow(sentence)
  })
})

const DAY: CheckedDay = {
  ...{ day: '2026-11-29', locationId: '540112', stored: { count: 12, amountMinor: 3_450_050 } },
  ...{ crm: { count: 12, amountMinor: 3_450_050 }, total: null, missing: 0, extra: 0, different: 0 },
  ...{ state: 'equal', checkedAt: '2026-11-30T00:00:00.000Z' },
}

describe('the days of a proof', () => {
  it('are a table with names of locations and sums in the currency of the business', () => {
    const setting = { language: 'en', currency: 'RUB', locations: new Map([['540112', 'North']]) } as const
    const total = { count: null, amountMinor: 100, source: 'report' }
    const other: CheckedDay = { ...DAY, locationId: null, crm: null, total, state: 'unchecked' }
    expect(tableOf([DAY, other], setting).replaceAll('\u00A0', ' ').split('\n')).toEqual([
      'Day         Location  Stored              CRM                 CRM’s total  Missing  Extra  Different  State',
      '──────────  ────────  ──────────────────  ──────────────────  ───────────  ───────  ─────  ─────────  ─────────',
      '2026-11-29  North     12 × RUB 34,500.50  12 × RUB 34,500.50  –            0        0      0          equal',
      '2026-11-29  –         12 × RUB 34,500.50  –                   RUB 1.00     0        0      0          unchecked',
    ])
  })

  it('come to 0 when all are equal, 1 when some differ, and 2 when some were not compared', () => {
    const [different, unchecked]: readonly [CheckedDay, CheckedDay] = [
      { ...DAY, state: 'different' },
      { ...DAY, state: 'unchecked' },
    ]
    const [fresh, last] = [
      { language: 'en', usesLast: false },
      { language: 'ru', usesLast: true },
    ] as const
    expect(outcomeOf([], fresh)).toMatchObject({
      code: 0,
      text: 'No sales on these days, neither here nor in the CRM.',
    })
    expect(outcomeOf([], last).code).toBe(2)
    expect(outcomeOf([DAY], last)).toEqual({ code: 0, text: 'Все совпадают: 1.' })
    expect(outcomeOf([DAY, unchecked], fresh).code).toBe(2)
    expect(outcomeOf([different, unchecked], fresh).code).toBe(1)
  })
})
