import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type CustomerColumns, eraseStates } from '#transactions/erase-states.ts'

const customer = fc.record({
  customer_external_id: fc.constantFrom(null, '7', '8'),
  customer_name: fc.constantFrom(null, 'Анна', 'Олег'),
  customer_phone: fc.constantFrom(null, '+79000000001', '+79000000002'),
  customer_email: fc.constantFrom(null, 'a@example.com'),
  customer_card: fc.constantFrom(null, 'C-1'),
})
const COLUMNS = ['customer_external_id', 'customer_name', 'customer_phone', 'customer_email', 'customer_card'] as const
const isOf = (state: CustomerColumns) => state.customer_phone === '+79000000001' || state.customer_external_id === '7'
const masked = (state: CustomerColumns): CustomerColumns =>
  isOf(state)
    ? { ...state, customer_name: null, customer_phone: null, customer_email: null, customer_card: null }
    : state

/** As `write_page` keeps it, or whole, as an undo does. */
function changeOf(before: CustomerColumns, after: CustomerColumns, isWhole: boolean): Partial<CustomerColumns> {
  const kept = COLUMNS.filter((column) => isWhole || before[column] !== after[column])
  return Object.fromEntries(kept.map((column) => [column, before[column]]))
}

it('leaves every state of a transaction as it was, but for the erased customer', () => {
  fc.assert(
    fc.property(fc.array(customer, { minLength: 1, maxLength: 6 }), fc.boolean(), ([now, ...former], isWhole) => {
      if (!now) return
      const states = [now, ...former]
      const changes = former.map((before, index) => ({
        seq: 100 - index,
        before: changeOf(before, states[index] ?? now, isWhole),
      }))
      const erased = eraseStates({ id: 'x', change_seq: 100, now, changes }, isOf)
      const rewritten = new Map(erased.changes.map(({ seq, before }) => [seq, before]))
      const state = { ...(erased.isErased ? masked(now) : now) }
      expect(state).toEqual(masked(now))
      for (const [index, { seq, before }] of changes.entries()) {
        Object.assign(state, rewritten.get(seq) ?? before)
        expect(state).toEqual(masked(former[index] ?? now))
      }
    }),
    { numRuns: 500 },
  )
})

it('finds nothing in what it has left', () => {
  fc.assert(
    fc.property(fc.array(customer, { minLength: 2, maxLength: 5 }), ([now, ...former]) => {
      if (!now) return
      const states = [now, ...former]
      const changes = former.map((before, index) => ({
        seq: 9 - index,
        before: changeOf(before, states[index] ?? now, false),
      }))
      const erased = eraseStates({ id: 'x', change_seq: 9, now, changes }, isOf)
      const left = changes.map((change) => erased.changes.find(({ seq }) => seq === change.seq) ?? change)
      const again = eraseStates({ id: 'x', change_seq: 9, now: masked(now), changes: left }, isOf)
      expect(again).toEqual({ isErased: false, changes: [] })
    }),
  )
})
