import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guidOf } from '#crm/1c/fields.ts'
import { allOf, anyKey, datetime, encode, guid, queryString, serviceUrl } from '#crm/1c/odata.ts'
import { parseFilter } from '#sandbox/1c/filter.ts'

/** Texts as people name things in 1C, and worse. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('Ч', 'ё', ' ', '+', '&', '=', '#', '%', "'", '"', '/', '?', '₽', '𝄞'),
    minLength: 1,
  }),
)
const anyGuid = fc.uuid()
const anyWall = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19))

describe('an address', () => {
  it('is ASCII, has %20 and never + for a space, and says what was meant', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.nat(), (filter, select, top) => {
        const query = queryString({ filter, select, top, orderby: 'Date', allowedOnly: true })
        expect(query).toMatch(/^[\x21-\x7E]*$/)
        expect(query).not.toContain('+')
        const said = new URLSearchParams(query)
        expect(said.get('$format')).toBe('json')
        expect(said.get('$filter')).toBe(filter.toWellFormed())
        expect(said.get('$select') ?? select.toWellFormed()).toBe(select.toWellFormed())
        expect(said.get('$top')).toBe(String(top))
        expect(said.get('allowedOnly')).toBe('true')
      }),
    )
  })

  it('percent-encodes the names of sets: a path is what was meant, and ASCII', () => {
    fc.assert(
      fc.property(anyText, (name) => {
        expect(encode(name)).toMatch(/^[\x21-\x7E]*$/)
        expect(decodeURIComponent(encode(name))).toBe(name.toWellFormed())
      }),
    )
    expect(encode('Document_ЧекККМ')).toBe('Document_%D0%A7%D0%B5%D0%BA%D0%9A%D0%9A%D0%9C')
  })

  it('stays short enough for every web server: it does without $select before it grows too long', () => {
    const select = Array.from({ length: 40 }, (_, index) => `ОченьДлинноеИмяРеквизита${index}`).join(',')
    expect(queryString({ filter: 'Posted eq true', select }).length).toBeLessThan(100)
    const keys = Array.from({ length: 20 }, () => crypto.randomUUID())
    expect(queryString({ filter: anyKey(keys), select: 'Ref_Key,Description' }).length).toBeLessThan(2000)
  })

  it.each([
    ['https://h.ru/base', 'https://h.ru/base/odata/standard.odata'],
    ['https://h.ru/base/', 'https://h.ru/base/odata/standard.odata'],
    ['https://h.ru/base/odata/standard.odata', 'https://h.ru/base/odata/standard.odata'],
    ['https://h.ru/base/odata/standard.odata/', 'https://h.ru/base/odata/standard.odata'],
    [
      'https://n1.1cfresh.com/a/unf/123456/odata/Standard.OData',
      'https://n1.1cfresh.com/a/unf/123456/odata/Standard.OData',
    ],
  ])('is that of the base or of its service: %s', (given, service) => {
    expect(serviceUrl(given)).toBe(service)
  })
})

describe('a literal', () => {
  it('of a key is the key, however it was written', () => {
    fc.assert(
      fc.property(anyGuid, fc.boolean(), fc.boolean(), (key, isUpper, isBraced) => {
        const written = isUpper ? key.toUpperCase() : key
        const read = guidOf(isBraced ? ` {${written}} ` : written) ?? ''
        expect(read).toBe(key)
        const test = parseFilter(`Ref_Key eq ${guid(read)}`, { Ref_Key: key })
        expect(test({ Ref_Key: key })).toBe(true)
        expect(test({ Ref_Key: crypto.randomUUID() })).toBe(false)
      }),
    )
  })

  it('of a time includes its own second and not the one before', () => {
    fc.assert(
      fc.property(anyWall, anyWall, (wall, other) => {
        const test = parseFilter(`Date ge ${datetime(wall)}`, { Date: wall })
        expect(test({ Date: other })).toBe(other >= wall)
        expect(test({ Date: wall })).toBe(true)
      }),
    )
  })

  it('keeps an extra condition with an `or` together', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean(), (a, b, c, d) => {
        const row = { a, b, c, d }
        const filter = allOf(['a eq true', null, 'b eq true or c eq true', 'd eq true'])
        expect(parseFilter(filter ?? '', row)(row)).toBe(a && (b || c) && d)
      }),
    )
    expect(allOf([null, null])).toBeNull()
    expect(allOf([null, 'a or b'])).toBe('a or b')
  })

  it('of several keys finds each of them and nothing else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyGuid, { minLength: 1, maxLength: 20 }), anyGuid, (keys, other) => {
        const test = parseFilter(anyKey(keys), { Ref_Key: other })
        for (const key of keys) expect(test({ Ref_Key: key })).toBe(true)
        expect(test({ Ref_Key: other })).toBe(keys.includes(other))
      }),
    )
  })
})
