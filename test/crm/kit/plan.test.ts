import { describe, expect, it } from 'vitest'
import type { Page, Window } from '#crm/contract.ts'
import { type PlanRunner, runPlans } from '#crm/kit/plan.ts'

const MINUTE_MS = 60_000
const NOW = Date.parse('2026-11-30T12:00:00Z')
const WINDOW: Window = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' }

interface Plan {
  readonly name: string
  readonly madeAt: number
  readonly left: number
  readonly done: number
  readonly total: number
}

interface Cursor {
  /** The name of the last plan that is over. */
  readonly watermark: string | null
  readonly plan: Plan | null
}

/** Plans of two steps each; `made` counts them. */
function createRunner(changes: Partial<PlanRunner<Plan, Cursor>> = {}) {
  const made: string[] = []
  const runner: PlanRunner<Plan, Cursor> = {
    make: async (_, window) => {
      made.push(`${window ? 'backfill' : 'live'} ${made.length + 1}`)
      return { name: made.at(-1) ?? '', madeAt: NOW, left: 2, done: 0, total: 2 }
    },
    steps: async function* (plan) {
      const records = [{ type: 'missing', externalId: `${plan.name}.${plan.left}` } as const]
      yield { records, plan: { ...plan, left: plan.left - 1, done: plan.done + 1 } }
    },
    isOver: ({ left }) => left === 0,
    madeAt: ({ madeAt }) => madeAt,
    cursorDuring: (before, plan) => ({ watermark: before?.watermark ?? null, plan }),
    cursorAfter: ({ name }) => ({ watermark: name, plan: null }),
    ...changes,
  }
  return { runner, made }
}

async function collect(pages: AsyncIterable<Page<Cursor>>): Promise<Page<Cursor>[]> {
  const all = []
  for await (const page of pages) all.push(page)
  return all
}

const session = { startedAt: new Date(NOW) }
const idsOf = (pages: readonly Page<Cursor>[]) =>
  pages.map(({ records }) => records.map((record) => ('externalId' in record ? record.externalId : '')).join(','))

describe('a live plan', () => {
  it('keeps the watermarks of before until its last page', async () => {
    const { runner } = createRunner()
    const pages = await collect(runPlans(session, runner, { watermark: 'old', plan: null }))
    expect(pages.map(({ cursor }) => [cursor.watermark, cursor.plan?.left ?? null])).toEqual([
      ['old', 1],
      ['live 1', null],
    ])
    expect(pages.map(({ progress }) => progress)).toEqual([
      { done: 1, total: 2 },
      { done: 2, total: 2 },
    ])
  })

  it('that is resumed ends with a page of its own, so that its last step is not followed by another plan', async () => {
    const { runner, made } = createRunner()
    const [first] = await collect(runPlans(session, runner, null))
    const rest = await collect(runPlans(session, runner, first?.cursor ?? null))
    expect(idsOf(rest)).toEqual(['live 1.1', ''])
    expect(await collect(runPlans(session, runner, rest[0]?.cursor ?? null))).toEqual(rest.slice(1))
    expect(made).toEqual(['live 1'])
  })

  it.each([
    [2 * MINUTE_MS, ['live 1.1', '', 'live 2.2', 'live 2.1']],
    [MINUTE_MS / 2, ['live 1.1', '']],
  ])('that is %i ms older than its run is followed by a fresh one: %j', async (age, expected) => {
    const { runner } = createRunner()
    const [first] = await collect(runPlans(session, runner, null))
    const later = { startedAt: new Date(NOW + age) }
    const pages = await collect(runPlans(later, runner, first?.cursor ?? null))
    expect(idsOf(pages)).toEqual(expected)
    expect(pages.at(-1)?.cursor).toEqual({ watermark: expected.length > 2 ? 'live 2' : 'live 1', plan: null })
  })

  it.each([1, 2, 3, 4])('is not made again in slices of %i pages', async (pagesMax) => {
    const { runner, made } = createRunner()
    let cursor: Cursor | null = null
    for (let isOver = false; !isOver && made.length < 2;) {
      const pages: Page<Cursor>[] = []
      for await (const page of runPlans(session, runner, cursor)) {
        if (pages.push(page) === pagesMax) break
      }
      const last: Page<Cursor> | undefined = pages.at(-1)
      cursor = last?.cursor ?? cursor
      isOver = pages.length < pagesMax || last?.isLast === true
    }
    expect(made).toEqual(['live 1'])
    expect(cursor).toEqual({ watermark: 'live 1', plan: null })
  })

  it('is stored before its first step where making it found something out', async () => {
    const { runner } = createRunner({ savesFirst: () => true })
    const pages = await collect(runPlans(session, runner, null))
    expect(idsOf(pages)).toEqual(['', 'live 1.2', 'live 1.1'])
    expect(pages[0]?.cursor).toMatchObject({ watermark: null, plan: { left: 2 } })
  })

  it('stores what a step has brought before it throws what went wrong', async () => {
    const failure = new Error('vendor')
    const { runner } = createRunner({
      steps: async function* (plan) {
        yield { records: [], plan: { ...plan, left: 1 }, failure }
      },
    })
    const pages = runPlans(session, runner, null)
    expect((await pages.next()).value).toMatchObject({ cursor: { plan: { left: 1 } } })
    await expect(pages.next()).rejects.toBe(failure)
  })

  it('does not end the run with a last step that has failed, and ends it with the next attempt', async () => {
    const failure = new Error('vendor')
    const { runner } = createRunner({
      steps: async function* (plan) {
        yield { records: [], plan: { ...plan, left: 0 }, failure }
      },
    })
    const pages = runPlans(session, runner, { watermark: 'old', plan: null })
    const { value } = await pages.next()
    expect(value).toMatchObject({ cursor: { watermark: 'old', plan: { left: 0 } } })
    expect(value).not.toHaveProperty('isLast')
    await expect(pages.next()).rejects.toBe(failure)
    const rest = await collect(runPlans(session, runner, (value as Page<Cursor>).cursor))
    expect(rest).toMatchObject([{ cursor: { watermark: 'live 1' }, isLast: true }])
  })
})

describe('a backfill', () => {
  it('leaves the watermarks alone, and its last page leaves nothing to do', async () => {
    const { runner, made } = createRunner()
    const before: Cursor = { watermark: 'live', plan: null }
    const pages = await collect(runPlans(session, runner, before, WINDOW))
    expect(pages.map(({ cursor }) => cursor.watermark)).toEqual(['live', 'live'])
    expect(await collect(runPlans(session, runner, pages.at(-1)?.cursor ?? null, WINDOW))).toEqual([])
    expect(made).toEqual(['backfill 1'])
  })

  it('is never followed by a live plan, however old it is', async () => {
    const { runner, made } = createRunner()
    const [first] = await collect(runPlans(session, runner, null, WINDOW))
    const later = { startedAt: new Date(NOW + 60 * MINUTE_MS) }
    expect(idsOf(await collect(runPlans(later, runner, first?.cursor ?? null, WINDOW)))).toEqual(['backfill 1.1'])
    expect(made).toEqual(['backfill 1'])
  })
})
