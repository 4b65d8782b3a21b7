import { sql } from 'drizzle-orm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNightSlot, nightOf, phaseOf, slotAfter, syncEvery } from '#runs/schedule-slots.ts'
import { createTestContext } from '#test/context.ts'

const uuid = fc.uuid({ version: [4, 7] })
const ages = fc.option(fc.integer({ min: 0, max: 10 * 86_400 }))
const instant = fc.integer({ min: 1_700_000_000, max: 2_000_000_000 })
const every = fc.integer({ min: 1, max: 1440 }).map((minutes) => minutes * 60)
const SAMPLES = 2000

/** What an expression of SQL gives for many inputs, in their order; `columns` are their members with their types. */
async function inSql(inputs: readonly object[], columns: string, expression: string): Promise<unknown[]> {
  const numbered = JSON.stringify(inputs.map((input, n) => ({ ...input, n })))
  const { rows } = await createTestContext().db.execute<{ answers: unknown[] }>(sql`
    select json_agg(${sql.raw(expression)} order by x.n) as answers
    from json_to_recordset(${numbered}::json) as x(n int, ${sql.raw(columns)})`)
  return rows[0]?.answers ?? []
}

describe('the schedule', () => {
  it('is the same in the database: the interval, by hooks and choice', async () => {
    const polling = fc.record({
      intervalMinutes: fc.integer({ min: 1, max: 1440 }),
      isAdaptive: fc.boolean(),
      hookAge: ages,
      missedAge: ages,
    })
    // Ages a second from a limit would differ by the time between the two clocks.
    const near = [600, 3 * 86_400, 7 * 86_400]
    const isClear = (age: number | null) => age === null || near.every((limit) => Math.abs(limit - age) > 1)
    const inputs = fc.sample(
      polling.filter(({ hookAge, missedAge }) => isClear(hookAge) && isClear(missedAge)),
      SAMPLES,
    )
    const answers = await inSql(
      inputs,
      '"intervalMinutes" int, "isAdaptive" bool, "hookAge" float8, "missedAge" float8',
      `sync_every("intervalMinutes", now() - "missedAge" * interval '1 second', now() - "hookAge" * interval '1 second',
        jsonb_build_object('adaptive', "isAdaptive"))`,
    )
    expect(answers).toEqual(inputs.map(syncEvery))
  })

  it('is the same in the database: the slot after a time', async () => {
    const inputs = fc.sample(fc.record({ id: uuid, every, after: instant }), SAMPLES)
    const answers = await inSql(
      inputs,
      'id uuid, every int, after float8',
      'extract(epoch from next_slot(id, every / 60, null, null, null, to_timestamp(x.after)))::float8',
    )
    expect(answers).toEqual(inputs.map(({ id, every: seconds, after }) => slotAfter(phaseOf(id), seconds, after)))
  })

  it('is the same in the database: the night', async () => {
    const times = fc.record({
      id: uuid,
      hour: fc.constantFrom(0, 4),
      after: instant,
      length: fc.integer({ min: 60, max: 90_000 }),
    })
    const inputs = fc.sample(times, SAMPLES)
    // Winter and summer in a zone three hours ahead, where local seconds are plain.
    const answers = await inSql(
      inputs,
      'id uuid, hour int, after float8, length int',
      `is_night_slot(id, hour, 'Europe/Moscow', to_timestamp(x.after), to_timestamp(x.after + length))`,
    )
    const local = 3 * 3600
    expect(answers).toEqual(
      inputs.map(({ id, hour, after, length }) =>
        isNightSlot(nightOf(id, hour), after + local, after + length + local),
      ),
    )
    expect(new Set(answers)).toEqual(new Set([true, false]))
  })

  it('meets each integration once in every interval, however late the tick is', () => {
    fc.assert(
      fc.property(uuid, every, instant, (id, seconds, at) => {
        const slot = slotAfter(phaseOf(id), seconds, at)
        expect(slot).toBeGreaterThan(at)
        expect(slot - at).toBeLessThanOrEqual(seconds)
        expect(slotAfter(phaseOf(id), seconds, slot)).toBe(slot + seconds)
      }),
    )
  })

  it('makes the wide scan of one run a day, at a time between midnight and six that the id spreads', () => {
    const counts = Array.from({ length: 6 }, () => 0)
    for (const id of Array.from({ length: SAMPLES }, () => crypto.randomUUID())) {
      const night = nightOf(id)
      counts[Math.floor(night / 3600)] = (counts[Math.floor(night / 3600)] ?? 0) + 1
      expect(nightOf(id, 4)).toBeGreaterThanOrEqual(4 * 3600)
      expect(nightOf(id, 4)).toBeLessThan(6 * 3600)
    }
    // Of 2,000 each hour has a sixth, give or take five standard deviations.
    for (const count of counts) expect(Math.abs(count - SAMPLES / 6)).toBeLessThan(84)
    fc.assert(
      fc.property(uuid, every, (id, seconds) => {
        let scans = 0
        const start = 20_000 * 86_400 + (phaseOf(id) % seconds)
        for (let at = start; at < start + 10 * 86_400; at += seconds)
          if (isNightSlot(nightOf(id), at, at + seconds)) scans += 1
        expect(scans).toBeGreaterThanOrEqual(9)
        expect(scans).toBeLessThanOrEqual(11)
      }),
      { numRuns: 30 },
    )
  })

  it('polls an adaptive integration every 15 to 60 minutes while hooks arrive, and at the set interval at once after', () => {
    const polling = { isAdaptive: true, hookAge: 60, missedAge: null }
    const minutes = (intervalMinutes: number, change = {}) => syncEvery({ ...polling, intervalMinutes, ...change }) / 60
    expect([1, 5, 10, 60, 240].map((interval) => minutes(interval))).toEqual([15, 30, 60, 60, 240])
    expect(minutes(5, { missedAge: 0 })).toBe(5)
    expect(minutes(5, { hookAge: null })).toBe(5)
    expect(minutes(5, { hookAge: 4 * 86_400 })).toBe(5)
    expect(minutes(5, { isAdaptive: false })).toBe(5)
  })
})
