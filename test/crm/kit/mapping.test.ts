import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { customerOrNull } from '#crm/kit/customer.ts'
import { FieldError, idIn, mapGuarded, prefixed, readRecord } from '#crm/kit/mapping.ts'
import { toMinor } from '#lib/money.ts'
import { zonedToUtc } from '#lib/time.ts'

describe('a record that cannot be mapped', () => {
  it.each([
    ['a sum', () => void toMinor('twelve', 'RUB'), 'not a decimal number'],
    ['a time', () => void zonedToUtc('yesterday', 'UTC'), 'not a time'],
    [
      'a field',
      () => {
        throw new FieldError('Sum: missing')
      },
      'Sum: missing',
    ],
  ])('goes to quarantine with its id and reason: %s', (_, read, reason) => {
    const map = () => {
      read()
      throw new Error('not reached')
    }
    expect(mapGuarded('sale:7', { id: 7 }, map)).toEqual({
      type: 'unmapped',
      externalId: 'sale:7',
      reason,
      raw: { id: 7 },
    })
  })

  it('is not one where our own code is wrong: that is thrown', () => {
    const map = () => {
      throw new TypeError('ours')
    }
    expect(() => mapGuarded('sale:7', {}, map)).toThrow(TypeError)
  })

  it('names the field that does not fit its schema', () => {
    const schema = z.object({ lines: z.array(z.object({ sum: z.number() })) })
    expect(readRecord(schema, { lines: [{ sum: '1' }] }, null)).toMatchObject({
      type: 'unmapped',
      reason: expect.stringMatching(/^lines\.0\.sum: /),
    })
    expect(readRecord(schema, 5, null)).toMatchObject({ reason: expect.stringMatching(/^record: /) })
  })
})

it.each([
  [{ id: 7 }, '7'],
  [{ id: 'a' }, 'a'],
  [{ id: '' }, null],
  [{ id: {} }, null],
  [{}, null],
  [null, null],
  ['text', null],
])('finds the id in %j: %s', (raw, id) => {
  expect(idIn(raw)).toBe(id)
  expect(prefixed('sale:', idIn(raw))).toBe(id === null ? null : `sale:${id}`)
})

it('knows no customer of whom nothing is known', () => {
  expect(customerOrNull({ name: null })).toBeNull()
  expect(customerOrNull({ phone: '+79001234567' })).toEqual({
    ...{ externalId: null, name: null, phone: '+79001234567', email: null, card: null },
  })
})
