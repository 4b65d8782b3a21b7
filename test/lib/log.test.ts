import { describe, expect, it } from 'vitest'
import { CrmError } from '#lib/crm-error.ts'
import { createLog } from '#lib/log.ts'
import { maskPersonal } from '#lib/mask.ts'
import { Secret } from '#lib/secret.ts'

function logged(fields: Readonly<Record<string, unknown>>): string {
  const lines: unknown[] = []
  const write = (line: unknown) => void lines.push(line)
  createLog({ requestId: 'r1' }, { log: write, warn: write, error: write }).child({ runId: 'x' }).warn('event', fields)
  return JSON.stringify(lines)
}

describe('a log line', () => {
  it('has its level, event and the ids of what it is about', () => {
    expect(JSON.parse(logged({ ms: 5 }))).toEqual([
      { level: 'warn', event: 'event', requestId: 'r1', runId: 'x', ms: 5 },
    ])
  })

  it.each([
    ['a secret', { secret: new Secret('partner-token') }, 'partner-token'],
    ['a header', { text: 'Authorization: Bearer partner-token, User user-token' }, /partner-token|user-token/],
    ['a token', { text: 'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln' }, 'c2ln'],
    ['a database address', { error: new Error('postgresql://owner:hunter2@db.neon.tech/main') }, 'hunter2'],
    ['a password with an @ in it', { text: 'postgresql://owner:hun@ter2@db.neon.tech/main' }, 'ter2'],
    ['a password in the query', { text: 'postgres://db.neon.tech/main?user=owner&password=hunter2' }, 'hunter2'],
    ['a phone', { text: 'client +79001234567 not found' }, '9001234567'],
    ['what a statement was given', { error: new Error('Failed query: select $1\nparams: Анна,1\n2') }, /Анна|2"/],
    ['what an error was caused by', { error: new CrmError('internal', { cause: new Error('Bearer abc') }) }, 'abc'],
    ['what lies deeper', { about: { deep: [{ phone: '79001234567' }] } }, '9001234567'],
  ])('never shows %s', (_name, fields, hidden) => {
    const text = logged(fields)
    if (typeof hidden === 'string') expect(text).not.toContain(hidden)
    else expect(text).not.toMatch(hidden)
  })

  it('keeps ids, sums and times, which one searches by', () => {
    const text = logged({ id: '7f0c1b9e-3c1d-4d53-8ff2-0123456789ab', ms: 1234, at: '2026-11-01T12:00:00Z' })
    expect(text).toContain('7f0c1b9e-3c1d-4d53-8ff2-0123456789ab')
    expect(text).toContain('2026-11-01T12:00:00Z')
  })
})

describe('a record in quarantine', () => {
  it('keeps what finds it in the CRM and nobody’s name, phone or mail', () => {
    const raw = {
      id: 900_000_001,
      date: '2026-11-01 12:30:00',
      amount: '180.00',
      client: { id: 7, name: 'Анна', surname: 'Белова', phone: '+79001234567', email: 'anna@example.com' },
      comment: 'перезвонить на 8 900 123-45-67',
      lines: [{ title: 'Стрижка для anna@example.com', cost: 180 }],
    }
    const text = JSON.stringify(maskPersonal(raw))
    expect(text).not.toMatch(/Анна|Белова|9001234567|123-45-67|anna@example/)
    expect(text).toContain('900000001')
    expect(text).toContain('2026-11-01 12:30:00')
    expect(text).toContain('180.00')
  })

  it.each([
    ['a list of phones', { phones: [79_001_234_567, '9001234567'] }],
    ['a list of names', { names: ['Анна', 'Белова'] }],
    ['an address in parts', { address: { street: { title: 'Анна Белова' }, house: 'Белова' } }],
    ['a person as one text', { client: 'Белова', Клиент: 'Анна' }],
    ['a phone after a date', { info: '2026-11-01 12:30, Анна'.replace('Анна', '+79001234567') }],
    ['a phone where a text is cut', { info: `${'x'.repeat(193)} +79001234567` }],
    ['a phone that is a number', { login: 79_001_234_567 }],
    ['a field of the customer’s own', { custom_fields_values: [{ field_id: 5, values: [{ value: 'Анна' }] }] }],
  ])('hides %s', (_name, raw) => {
    expect(JSON.stringify(maskPersonal(raw))).not.toMatch(/Анна|Белова|900123|\+7900/)
  })

  it('keeps the ids of people, and all times', () => {
    const raw = {
      client_id: 7,
      customer: { id: '0197a1e2-3c1d-4d53-8ff2-0123456789ab' },
      ДисконтнаяКарта_Key: '7f0c1b9e-3c1d-4d53-8ff2-0123456789ab',
      at: '2026-11-01T12:30:00.000+03:00',
      custom_fields_values: [{ field_id: 5 }],
    }
    expect(maskPersonal(raw)).toEqual(raw)
  })

  it('is bounded however large and deep it is', () => {
    let deep: unknown = 'x'.repeat(10_000)
    for (let n = 0; n < 100; n += 1) deep = { deep, list: Array.from({ length: 1000 }, () => 'y') }
    expect(JSON.stringify(maskPersonal(deep)).length).toBeLessThan(20_000)
  })
})
