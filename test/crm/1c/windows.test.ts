// No sale falls between two windows, whatever the zone of the base and whatever its clock does.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccountContext } from '#crm/1c/account-context.ts'
import { type Cursor, EMPTY, partOf, planLive, planWindow, type Plan } from '#crm/1c/cursor.ts'
import { Settings } from '#crm/1c/settings.ts'
import type { Range } from '#crm/1c/walk.ts'
import { addSeconds } from '#crm/1c/local-time.ts'
import { localDateTime, zonedToUtc } from '#lib/time.ts'

/** Zones whose clocks jump by an hour, by half an hour, at midnight, by a whole day, and never. */
const zone = fc.constantFrom(
  ...['Europe/Moscow', 'Europe/Berlin', 'America/New_York', 'America/Santiago', 'Australia/Lord_Howe', 'Asia/Beirut'],
  ...['America/Havana', 'Africa/Cairo', 'Pacific/Apia', 'Asia/Kathmandu', 'Pacific/Kiritimati', '+03:00', 'UTC'],
)
/** Moments near clock changes, and any others. */
const changes = [
  '2011-12-30T10:00:00Z',
  '2026-03-29T01:00:00Z',
  '2026-10-25T01:00:00Z',
  '2026-03-08T07:00:00Z',
  '2026-11-01T06:00:00Z',
  '2026-04-05T03:00:00Z',
]
const instant = fc
  .oneof(
    fc.integer({ min: Date.parse('2010-01-01T00:00:00Z'), max: Date.parse('2029-01-01T00:00:00Z') }),
    fc
      .tuple(
        fc.constantFrom(...changes.map((at) => Date.parse(at))),
        fc.integer({ min: -8 * 3_600_000, max: 8 * 3_600_000 }),
      )
      .map(([at, off]) => at + off),
  )
  .map((ms) => ms - (ms % 1000))

const ACCOUNT: AccountContext = {
  on: '2026-01-01',
  documents: [{ entitySet: 'Document_ЧекККМ', select: null }],
  catalogs: [],
  refused: [],
}

function planner(timezone: string, now: number, isManual = false, more: object = {}) {
  return {
    settings: Settings.parse({ timezone, ...more }),
    isManual,
    nightAt: 4 * 3600,
    clock: { now: () => new Date(now), sleep: async () => {} },
  }
}

const holds = ({ from, to }: Range, wall: string) => wall >= from && (to === null || wall < to)

/** The parts in which a plan is read, newest first. */
function partsOf(plan: Plan, settings: Settings): Range[] {
  const [task] = plan.tasks
  if (!task) return []
  const parts: Range[] = []
  for (let range = task.range; ;) {
    const part = partOf({ ...task, range }, plan.horizon, settings)
    parts.push(part)
    if (part.from <= task.range.from) return parts
    range = { from: task.range.from, to: part.from }
  }
}

describe('a backfill', () => {
  it('asks for every second whose sales belong to its period, at whatever clock', () => {
    fc.assert(
      fc.property(
        zone,
        instant,
        fc.integer({ min: 1, max: 40 * 86_400 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (timezone, from, seconds, share) => {
          const to = from + seconds * 1000
          const session = planner(timezone, to + 86_400_000)
          const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
          const [task] = planWindow(session, window, ACCOUNT).tasks
          // A document that was written at some moment of the period carries the wall clock of that moment.
          const at = from + Math.floor((share * (to - from)) / 1000) * 1000
          const wall = localDateTime(new Date(at), timezone)
          expect(task && holds(task.range, wall), `${wall} in ${JSON.stringify(task?.range)}`).toBe(true)
          // In the hour that comes twice its time is taken for the first: that one is asked for as well.
          const taken = Date.parse(zonedToUtc(wall, timezone))
          expect(Math.abs(taken - at)).toBeLessThanOrEqual(3_600_000)
        },
      ),
    )
  })
})

describe('the parts of a plan', () => {
  it('make up the whole period: each second of it lies in exactly one', () => {
    fc.assert(
      fc.property(
        zone,
        instant,
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (timezone, now, initialDays, share) => {
          const session = planner(timezone, now, false, { initialDays })
          const plan = planLive(session, EMPTY, ACCOUNT)
          const parts = partsOf(plan, session.settings)
          const { from, to } = plan.tasks[0]?.range ?? { from: '', to: '' }
          expect([parts.at(-1)?.from, parts[0]?.to, to]).toEqual([from, null, null])
          const wall = addSeconds(from, Math.floor(share * (initialDays + 3) * 86_400))
          expect(parts.filter((part) => holds(part, wall))).toHaveLength(1)
        },
      ),
    )
  })
})

describe('successive syncs', () => {
  it('leave out nothing that was entered since the one before, nor what is back-dated within the overlap', () => {
    const gap = fc.integer({ min: 60, max: 20 * 86_400 })
    fc.assert(
      fc.property(
        zone,
        instant,
        gap,
        fc.nat({ max: 2 * 86_400 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (timezone, first, seconds, backdated, share) => {
          const then = planLive(planner(timezone, first), EMPTY, ACCOUNT)
          const watermarks: Cursor = {
            ...EMPTY,
            to: then.to,
            since: then.since,
            rescannedOn: then.rescannedOn,
            account: ACCOUNT,
          }
          const now = first + seconds * 1000
          const next = planLive(planner(timezone, now), watermarks, ACCOUNT)
          const entered = first + Math.floor(share * seconds) * 1000
          // Nobody notices that the clock was set back: the document carries what it showed.
          const wall = addSeconds(localDateTime(new Date(entered), timezone), -backdated)
          const [task] = next.tasks
          const isAfterStart = then.since !== null && wall >= then.since
          if (isAfterStart)
            expect(task && holds(task.range, wall), `${wall} in ${JSON.stringify(task?.range)}`).toBe(true)
        },
      ),
    )
  })

  it('look further back once a day after the nightly backups, and whenever a person asks', () => {
    const at = (time: string, isManual = false) => {
      const watermarks: Cursor = {
        ...EMPTY,
        to: '2026-11-20T20:00:00Z',
        since: '2026-08-01T00:00:00',
        rescannedOn: '2026-11-20',
      }
      const plan = planLive(
        planner('Europe/Moscow', Date.parse(time), isManual),
        { ...watermarks, account: ACCOUNT },
        ACCOUNT,
      )
      return [plan.tasks[0]?.range.from.slice(0, 10), plan.rescannedOn]
    }
    expect(at('2026-11-20T20:30:00Z')).toEqual(['2026-11-17', '2026-11-20'])
    expect(at('2026-11-21T00:59:00Z')).toEqual(['2026-11-17', '2026-11-20'])
    expect(at('2026-11-21T01:00:00Z')).toEqual(['2026-10-17', '2026-11-21'])
    expect(at('2026-11-20T20:30:00Z', true)).toEqual(['2026-10-16', '2026-11-20'])
    // Whoever syncs once a day in the small hours gets it too.
    expect(at('2026-11-22T00:10:00Z')).toEqual(['2026-10-18', '2026-11-22'])
  })

  it('never look further back than the first one did', () => {
    const first = planLive(
      planner('Europe/Moscow', Date.parse('2026-11-20T12:00:00Z'), false, { initialDays: 2 }),
      EMPTY,
      ACCOUNT,
    )
    const watermarks: Cursor = {
      ...EMPTY,
      to: first.to,
      since: first.since,
      rescannedOn: '2026-11-20',
      account: ACCOUNT,
    }
    const next = planLive(planner('Europe/Moscow', Date.parse('2026-11-21T12:00:00Z')), watermarks, ACCOUNT)
    expect([first.since, next.tasks[0]?.range.from]).toEqual(['2026-11-18T00:00:00', '2026-11-18T00:00:00'])
  })
})

describe('what should have been shown', () => {
  it('is looked for at every moment that a covered period can stand for, clock changes included', () => {
    fc.assert(
      fc.property(
        zone,
        instant,
        fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (timezone, start, cuts, share) => {
          // Parts that follow on one another on the wall clock, as a walk covers them.
          const walls = [localDateTime(new Date(start), timezone)]
          for (const cut of cuts) walls.push(addSeconds(walls.at(-1) ?? '', cut))
          const [first = '', last = ''] = [walls[0], walls.at(-1)]
          const wall = addSeconds(
            first,
            Math.floor((share * (Date.parse(`${last}Z`) - Date.parse(`${first}Z`) - 1000)) / 1000),
          )
          const at = Date.parse(zonedToUtc(wall, timezone))
          const spans = walls
            .slice(1)
            .map((to, index) => [walls[index] ?? '', to].map((one) => Date.parse(zonedToUtc(one, timezone))))
          const isCovered = spans.some(([from = 0, to = 0]) => at >= from && at <= to - 1000)
          // A time that a clock never shows, typed by hand, is moved past the jump: past the end, it is the next
          // walk's.
          expect(isCovered || at >= Math.max(...spans.flat()), `${wall} in ${timezone}`).toBe(true)
        },
      ),
    )
  })
})
