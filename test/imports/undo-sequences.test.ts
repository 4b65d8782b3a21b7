// Any sequence of imports, edits and undos leaves what a simple model says: each sale has one state, owned by what
// brought it, and each import remembers the states that it found.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { writeRecords } from '#transactions/write-records.ts'
import { createFileTenant, type FileTenant, importFile } from '#test/files.ts'
import { transaction } from '#test/pages.ts'
import { allTransactions } from '#test/tenants.ts'
import { askUndo, fileOf, type FileRow, previewOf, undo } from '#test/undo.ts'

interface State {
  readonly sum: number
  readonly status: 'paid' | 'cancelled'
  /** The customer and items of a hook's sale differ from those of a file's. */
  readonly form: 'file' | 'hook'
  readonly owner: string
}

const isSame = (a: State, b: State) => a.sum === b.sum && a.status === b.status && a.form === b.form

interface Model {
  readonly states: Map<number, State>
  /** For each import the states that it found, null for a sale that it added. */
  readonly found: Map<string, Map<number, State | null>>
  /** How many sales of an import were taken back, and whether an undo of it has ended. */
  readonly undone: Map<string, number>
}

type Act =
  | { readonly type: 'import'; readonly rows: readonly FileRow[] }
  | { readonly type: 'edit'; readonly id: number; readonly sum: number }
  | { readonly type: 'undo'; readonly nth: number }

const id = fc.integer({ min: 1, max: 6 })
const sum = fc.integer({ min: 1, max: 3 })
const status = fc.constantFrom('оплачен' as const, 'оплачен' as const, 'отменён' as const)
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    type: fc.constant('import' as const),
    rows: fc.uniqueArray(fc.record({ id, sum, status }), { selector: (row) => row.id, minLength: 2, maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('edit' as const), id, sum }),
  fc.record({ type: fc.constant('undo' as const), nth: fc.nat() }),
)

function imports({ states, found }: Model, runId: string, rows: readonly FileRow[]) {
  found.set(runId, new Map())
  for (const row of rows) {
    const old = states.get(row.id)
    const state = row.status === 'отменён' ? 'cancelled' : 'paid'
    const next: State = { sum: row.sum, status: state, form: 'file', owner: runId }
    if (old ? isSame(old, next) : next.status === 'cancelled') continue
    states.set(row.id, next)
    found.get(runId)?.set(row.id, old ?? null)
  }
}

/** What the undo changes, as the preview tells it. */
function undoes(model: Model, runId: string, undoId: string | null) {
  const mine = [...model.states].filter(([, state]) => state.owner === runId)
  const told = { cancelled: 0, restored: 0, kept: 0, paid: 0 }
  const paid = (state: State) => (state.status === 'paid' ? state.sum * 100 + 50 : 0)
  for (const [key, old] of mine) {
    const before = model.found.get(runId)?.get(key) ?? null
    const next = before ?? { ...old, status: 'cancelled' as const, owner: undoId ?? '' }
    if (undoId !== null) model.states.set(key, next)
    if (isSame(next, old)) continue
    told[before ? 'restored' : 'cancelled'] += 1
    told.paid += paid(next) - paid(old)
  }
  const changed = told.cancelled + told.restored
  told.kept = (model.found.get(runId)?.size ?? 0) - (model.undone.get(runId) ?? 0) - changed
  if (undoId !== null) model.undone.set(runId, (model.undone.get(runId) ?? 0) + changed)
  return { ...told, isOver: model.undone.has(runId) && mine.length === 0 }
}

async function apply(tenant: FileTenant, model: Model, done: Act): Promise<void> {
  const { context, integrationId } = tenant
  if (done.type === 'import') {
    // Each at a time of its own: equal sales under new numbers are asked about.
    const rows = done.rows.map((row) => ({ ...row, day: `02.03.2024 10:0${row.id}` }))
    const run = await importFile(tenant, fileOf(rows))
    expect(run.status).toBe('succeeded')
    imports(model, run.id, done.rows)
  } else if (done.type === 'edit') {
    const old = model.states.get(done.id)
    const next: State = { sum: done.sum, status: 'paid', form: 'hook', owner: 'hook' }
    if (!old || isSame(old, next)) return
    const change = { amountMinor: done.sum * 100 + 50, sourceUpdatedAt: null, occurredAt: '2024-03-01T21:00:00Z' }
    const records = [transaction(`N-${done.id}`, change)]
    const write = { integrationId, settingsEpoch: 1, snapshotSeq: 1_000_000, records, canRecheck: false }
    await writeRecords(context, write)
    model.states.set(done.id, next)
  } else {
    const runId = [...model.found.keys()][done.nth % Math.max(model.found.size, 1)]
    if (runId !== undefined) await applyUndo(tenant, model, runId)
  }
}

async function applyUndo(tenant: FileTenant, model: Model, runId: string): Promise<void> {
  const { isOver, paid, ...told } = undoes(model, runId, null)
  if (isOver) {
    expect((await askUndo(tenant, runId)).json).toMatchObject({ reason: 'already_undone' })
    return
  }
  const { paidChange, ...preview } = await previewOf(tenant, runId)
  expect(preview).toEqual(told)
  expect(paidChange[0]?.amountMinor ?? 0).toBe(paid)
  const run = await undo(tenant, runId)
  const counters = { updated: told.cancelled + told.restored, unchanged: told.kept }
  expect(run).toMatchObject({ status: 'succeeded', counters })
  undoes(model, runId, run.id)
}

const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1)

it('leaves what the model says, whatever came in which order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 6, maxLength: 14 }), async (acts) => {
      const tenant = await createFileTenant()
      const model: Model = { states: new Map(), found: new Map(), undone: new Map() }
      let before = new Map<string, { readonly state: string; readonly changeSeq: number }>()
      for (const one of acts) {
        await apply(tenant, model, one)
        const items = await allTransactions(tenant)
        const { json: feed } = await tenant.call('GET', `${tenant.path}/changes?limit=200`)
        expect(feed.items.toSorted(byId)).toEqual(items.toSorted(byId))
        const stored = items.map((item) => [item.externalId, item.status, (item.amountMinor - 50) / 100])
        const expected = [...model.states].map(([key, state]) => [`N-${key}`, state.status, state.sum])
        expect(stored).toEqual(expected.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)))
        const now = new Map(
          items.map(({ externalId, changeSeq, status, amountMinor, customer }) => [
            externalId,
            { state: JSON.stringify([status, amountMinor, customer]), changeSeq },
          ]),
        )
        for (const [key, { state, changeSeq }] of before) {
          expect(now.get(key)?.changeSeq === changeSeq, key).toBe(now.get(key)?.state === state)
        }
        before = now
      }
    }),
    { numRuns: 3, seed: 17, endOnFailure: true },
  )
})
