// The periods that a plan asks for: together they cover all of it, whatever the clocks do meanwhile.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance, type Cursor, halve, planLive, planWindow, type Plan } from '#crm/renovatio/cursor.ts'
import { Settings } from '#crm/renovatio/settings.ts'
import { addDays, localDate } from '#lib/time.ts'

const HOUR_MS = 3_600_000
const zone = fc.constantFrom('Europe/Moscow', 'Europe/Lisbon', 'America/New_York', 'Australia/Lord_Howe')
const now = fc.integer({ min: 0, max: 5 * 366 * 1440 }).map((n) => new Date(Date.UTC(2024, 0, 1) + n * 60_000))

interface Input {
  readonly at: Date
  readonly zone: string
  readonly initialDays?: number
  readonly isManual?: boolean
}

function inputOf({ at, zone: name, initialDays = 90, isManual = false }: Input) {
  const clock = { now: () => at, sleep: async () => {} }
  const settings = Settings.parse({ initialDays })
  return {
    session: { settings, clock, isManual, nightAt: 3 * 3600 },
    zone: name,
    clinics: {},
    mode: 'invoices',
  } as const
}

const live = (cursor: Cursor | null, input: Input) => planLive(cursor, inputOf(input))
const after = (plan: Plan): Cursor => ({ version: 1, ...plan, clinics: null, plan: null })

/** The days of a scan, window by window, as the pull goes through them; some windows fail and are halved. */
function daysOf(plan: Plan, fails: readonly boolean[]): string[] {
  const days: string[] = []
  let state = plan
  for (let step = 0; state.phases[0]?.feed === 'scan'; step += 1) {
    const [phase] = state.phases
    if (fails[step] && state.windowDays > 1) state = halve(state)
    else {
      const last = addDays(phase.from, state.windowDays - 1)
      const to = last < phase.to ? last : phase.to
      for (let day = phase.from; day <= to; day = addDays(day, 1)) days.push(day)
      state = advance(state, addDays(to, 1))
    }
  }
  return days
}

describe('a plan', () => {
  it('goes through every day once, however often a period was too long', () => {
    fc.assert(
      fc.property(
        now,
        zone,
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.boolean(), { maxLength: 30 }),
        (at, name, initialDays, fails) => {
          const plan = live(null, { at, zone: name, initialDays })
          const today = localDate(at, name)
          const expected = Array.from({ length: initialDays + 2 }, (_, n) => addDays(today, n - initialDays))
          expect(daysOf(plan, fails)).toEqual(expected)
        },
      ),
    )
  })

  it('asks for changes since a day before the last sync began, without a gap, whatever the clocks did', () => {
    fc.assert(
      fc.property(now, zone, fc.integer({ min: 1, max: 90 * 24 }), (at, name, hours) => {
        const before = after(live(null, { at, zone: name }))
        const later = new Date(at.getTime() + hours * HOUR_MS)
        const plan = live(before, { at: later, zone: name })
        const changed = plan.phases.find(({ feed }) => feed === 'changed')
        expect(Date.parse(changed?.from ?? '')).toBe(at.getTime() - 24 * HOUR_MS)
        expect(changed?.to).toBe(later.toISOString())
      }),
    )
  })

  it('looks back wide once a day after three, when a person asks, and a few days else', () => {
    const at = (hour: number) => new Date(`2026-11-${hour < 24 ? 10 : 11}T${String(hour % 24).padStart(2, '0')}:30:00Z`)
    const first = after(live(null, { at: at(9), zone: 'UTC' }))
    const scanned = (cursor: Cursor | null, input: Input) => {
      const plan = live(cursor, input)
      return [plan.phases[0]?.from, plan.rescannedOn]
    }
    expect(scanned(null, { at: at(9), zone: 'UTC', initialDays: 90 })).toEqual(['2026-08-12', '2026-11-10'])
    expect(scanned(first, { at: at(10), zone: 'UTC' })).toEqual(['2026-11-07', '2026-11-10'])
    expect(scanned(first, { at: at(10), zone: 'UTC', isManual: true })).toEqual(['2026-10-06', '2026-11-10'])
    expect(scanned(first, { at: at(24 + 2), zone: 'UTC' })).toEqual(['2026-11-08', '2026-11-10'])
    expect(scanned(first, { at: at(24 + 3), zone: 'UTC' })).toEqual(['2026-10-07', '2026-11-11'])
  })

  it('looks back wide in a clinic that is only synced before three, once a whole day went without it', () => {
    const at = (day: number) => new Date(`2026-11-${day}T01:30:00Z`)
    const first = after(live(null, { at: at(10), zone: 'UTC' }))
    const next = live(first, { at: at(11), zone: 'UTC' })
    const third = live(after(next), { at: at(12), zone: 'UTC' })
    expect([next, third].map(({ phases }) => phases[0]?.from)).toEqual(['2026-11-08', '2026-10-08'])
    expect(third.rescannedOn).toBe('2026-11-12')
  })

  it('never looks back further than the first sync did', () => {
    const at = new Date('2026-11-10T09:30:00Z')
    const first = after(live(null, { at, zone: 'UTC', initialDays: 7 }))
    expect(live(first, { at, zone: 'UTC', initialDays: 7, isManual: true }).phases[0]?.from).toBe('2026-11-03')
  })

  it('begins anew when invoices can be read that could not be', () => {
    const at = new Date('2026-11-10T09:30:00Z')
    const first: Cursor = { ...after(live(null, { at, zone: 'UTC' })), mode: 'visits' }
    const plan = live(first, { at, zone: 'UTC' })
    expect(plan.phases.map(({ from }) => from.slice(0, 10))).toEqual(['2026-08-12', '2026-08-12'])
  })

  it('covers the days of a backfill, both ends of it, by the clinic’s clock', () => {
    const window = { from: '2026-03-28T23:30:00Z', to: '2026-04-12T23:30:00Z' }
    const plan = planWindow(window, inputOf({ at: new Date(), zone: 'Europe/Lisbon' }))
    const days = daysOf(plan, [true])
    expect([days[0], days.at(-1), days.length]).toEqual(['2026-03-28', '2026-04-13', 17])
  })
})
