// The forms that bodies of YCLIENTS and Altegio come in; each trap is named in the connector's README.
import { describe, expect, it } from 'vitest'
import { webhook } from '#crm/yclients/webhook.ts'

const parse = (value: unknown, contentType: string | null = 'application/json') =>
  webhook.parse({
    contentType,
    bytes: new Uint8Array(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))),
  })

function hintsOf(value: unknown) {
  const parsed = parse(value)
  if (parsed.type === 'unreadable') throw new Error(parsed.reason)
  return parsed.events.map(({ hint }) => hint?.externalId ?? null)
}

const event = (resource: string, data: unknown, more: object = {}) => ({
  ...{ company_id: 540_112, resource, resource_id: 640_011_223, status: 'create', data },
  ...more,
})

describe('an event', () => {
  it.each([
    ['a visit', event('record', { id: 5 }), ['record:640011223']],
    ['a visit whose id is text', event('record', {}, { resource_id: '7' }), ['record:7']],
    ['a payment of a visit', event('finances_operation', { record_id: 9, document_id: 3 }), ['record:9']],
    ['a payment of a visit, as text', event('finances_operation', { record_id: '9', document_id: '3' }), ['record:9']],
    ['a payment without a visit', event('finances_operation', { record_id: 0, document_id: 3 }), ['sale:3']],
    ['goods of a visit', event('goods_operations_sale', { record_id: 9, document_id: 3, amount: -1 }), ['record:9']],
    ['goods over the counter', event('goods_operations_sale', { document_id: 3, amount: -1 }), ['sale:3']],
    ['money that goes out', event('finances_operation', { document_id: 3, amount: '-1500.00' }), []],
    ['money given back for a visit', event('finances_operation', { record_id: 9, amount: -1500 }), ['record:9']],
    [
      'a payment of a visit that is named as an object',
      event('finances_operation', { record: { id: 9 }, document_id: 3 }),
      ['record:9'],
    ],
    [
      'a payment of a visit that is named by itself',
      event('finances_operation', { visit_id: 9, document_id: 3 }),
      [null],
    ],
    ['a visit, by another word', { ...event('record', {}), resource: undefined, type: 'record' }, ['record:640011223']],
    ['a client', event('client', { id: 7, spent: 100 }), []],
    ['goods received', event('goods_operations_receipt', { document_id: 3 }), []],
    ['something new', event('brand_new', { id: 1 }), []],
  ])('about %s points at what it changed', (_, body, hints) => expect(hintsOf(body)).toEqual(hints))

  it.each(['create', 'update', 'delete', 'deleted', 'cancel', ''])(
    'of the kind %j is not the state of the visit',
    (status) => expect(hintsOf(event('record', {}, { status }))).toEqual(['record:640011223']),
  )

  it.each([[[]], [null], [undefined]])('is read though its data is %j', (data) => {
    expect(hintsOf(event('record', data))).toEqual(['record:640011223'])
    // A payment that does not say what it was for: a look at all changes finds it.
    expect(hintsOf(event('finances_operation', data))).toEqual([null])
  })

  it('may come alone or among others, and with a BOM', () => {
    const [one, two] = [event('record', {}), event('record', {}, { resource_id: 2 })]
    expect(hintsOf([one, two, event('client', {})])).toEqual(['record:640011223', 'record:2'])
    expect(hintsOf(`\uFEFF${JSON.stringify(one)}`)).toEqual(['record:640011223'])
  })

  it('that cannot be read makes all changes be looked at, when others of its delivery can', () => {
    expect(hintsOf([event('record', {}), { resource: 'record' }])).toEqual(['record:640011223', null])
  })

  it.each([['{"a":1}'], ['"text"'], ['[1,2]'], ['<html>'], ['{"half":']])('is none: %s', (body) => {
    expect(parse(body).type).toBe('unreadable')
  })

  it('tells its version when it tells when it changed', () => {
    const changed = event('record', { last_change_date: '2026-11-24T10:00:00+0300' })
    const versions = [changed, event('record', {})].map((body) => {
      const parsed = parse(body)
      return parsed.type === 'events' ? parsed.events[0]?.version : undefined
    })
    expect(versions).toEqual(['record:640011223:create:2026-11-24T10:00:00+0300', null])
  })

  it('belongs to one branch', () => {
    const parsed = parse(event('record', {}, { company_id: '540112' }))
    const account = parsed.type === 'events' ? parsed.events[0]?.account : null
    const settings = { companyId: '540112', brand: 'yclients', initialDays: 90, adaptive: false } as const
    const owns = (companyId: string) =>
      webhook.owns?.(account ?? '', { settings: { ...settings, companyId }, apiUrl: '' })
    expect([owns('540112'), owns('540113')]).toEqual([true, false])
  })
})
