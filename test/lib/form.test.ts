import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBody } from '#lib/decode-body.ts'
import { decodeForm, FormError, type FormValue, listOf } from '#lib/form.ts'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const encode = (pairs: readonly (readonly [string, string])[]) =>
  pairs
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value).replaceAll('%20', '+')}`)
    .join('&')

describe('a form with PHP’s brackets', () => {
  it('nests names, with spaces as pluses and Cyrillic percent-encoded', () => {
    const text = encode([
      ['leads[status][0][id]', '50011'],
      ['leads[status][0][name]', 'Заказ 118'],
      ['account[subdomain]', 'coffee1'],
      ['event', 'x'],
    ])
    expect(text).toContain('+118')
    expect(plain(decodeForm(text))).toEqual({
      leads: { status: { 0: { id: '50011', name: 'Заказ 118' } } },
      account: { subdomain: 'coffee1' },
      event: 'x',
    })
  })

  it('takes literal brackets as well as encoded ones', () => {
    expect(plain(decodeForm('data[0][id]=5&data%5B1%5D%5Bid%5D=6'))).toEqual({
      data: { 0: { id: '5' }, 1: { id: '6' } },
    })
  })

  it('counts empty brackets on, and lets the last of equal names win', () => {
    expect(plain(decodeForm('a[]=x&a[]=y&a[7]=z&a[]=w&b=1&b=2'))).toEqual({
      a: { 0: 'x', 1: 'y', 7: 'z', 8: 'w' },
      b: '2',
    })
  })

  it.each(['note[type]=3&note[type][uuid]=u', 'note[type][uuid]=u&note[type]=3'])(
    'keeps both where a name is a scalar and a parent at once: %s',
    (text) => expect(plain(decodeForm(text))).toEqual({ note: { type: { '': '3', uuid: 'u' } } }),
  )

  it('lets no name reach a prototype', () => {
    const names = ['__proto__[x]', 'a[__proto__][x]', 'constructor[prototype][x]', 'a[constructor]', '__proto__']
    const form = decodeForm(names.map((name) => `${name}=polluted`).join('&'))
    expect(plain(form)).toEqual({})
    expect(Object.getPrototypeOf(form)).toBeNull()
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it('takes a name whose brackets do not close as it stands', () => {
    expect(plain(decodeForm('a[b=1&]c=2&[d]=3&e[f]g=4'))).toEqual({ 'a[b': '1', ']c': '2', '[d]': '3', 'e[f]g': '4' })
  })

  it('is bounded in depth, in names and in their length', () => {
    expect(() => decodeForm(`a${'[b]'.repeat(12)}=1`)).toThrow(FormError)
    expect(plain(decodeForm(`a${'[b]'.repeat(11)}=1`))).toHaveProperty(
      ['a', ...Array.from({ length: 11 }, () => 'b')],
      '1',
    )
    expect(() => decodeForm(Array.from({ length: 20_001 }, (_, n) => `n${n}=`).join('&'))).toThrow(FormError)
    expect(Object.keys(decodeForm(Array.from({ length: 1500 }, (_, n) => `n${n}=`).join('&')))).toHaveLength(1500)
    expect(() => decodeForm(`${'n'.repeat(401)}=`)).toThrow(FormError)
  })

  it('throws nothing but FormError, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', 'b', '[', ']', '=', '&', '%', '+', '0', '1', ' ', 'ю', '%5B', '__proto__'),
        }),
        (text) => {
          expect(decodeForm(text)).toBeTypeOf('object')
        },
      ),
    )
  })

  it('gives lists by their indexes, whatever is missing between them', () => {
    const lists = decodeForm('gaps[9]=b&gaps[2]=a&one[id]=5&text=t&none=') as Record<string, FormValue>
    expect(plain(listOf(lists['gaps']))).toEqual(['a', 'b'])
    expect(plain(listOf(lists['one']))).toEqual([{ id: '5' }])
    expect([listOf(lists['text']), listOf(lists['none']), listOf(lists['absent'])]).toEqual([['t'], [], []])
  })
})

describe('a body, whatever it is called', () => {
  const decode = (text: string | Uint8Array, contentType: string | null) =>
    decodeBody({ contentType, bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text })

  it.each([
    ['JSON', '{"a":1}', 'application/json; charset=utf-8'],
    ['JSON with a BOM', '\uFEFF{"a":1}', 'application/json'],
    ['JSON called a form', ' {"a":1}\n', 'application/x-www-form-urlencoded'],
    ['JSON called nothing', '{"a":1}', null],
  ])('reads %s', (_, text, contentType) => expect(decode(text, contentType)).toEqual({ type: 'json', value: { a: 1 } }))

  it.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['a form called JSON', 'application/json'],
    ['a form called nothing', null],
  ])('reads %s', (_, contentType) =>
    expect(plain(decode('a%5Bb%5D=%D1%8E', contentType))).toEqual({ type: 'form', value: { a: { b: 'ю' } } }),
  )

  it('minds the charset', () => {
    const bytes = new Uint8Array([...new TextEncoder().encode('{"a":"'), 0xfe, ...new TextEncoder().encode('"}')])
    expect(decode(bytes, 'application/json; charset=windows-1251')).toEqual({ type: 'json', value: { a: 'ю' } })
    expect(decode('{"a":"ю"}', 'application/json; charset=nonsense')).toEqual({ type: 'json', value: { a: 'ю' } })
  })

  it.each([
    ['', 'the body is empty'],
    ['{"a":', 'the body is not valid JSON'],
    ['<html></html>', 'the body is neither JSON nor a form'],
    ['hello', 'the body is neither JSON nor a form'],
  ])('says why it cannot read %j', (text, reason) =>
    expect(decode(text, 'text/plain')).toEqual({ type: 'unreadable', reason }),
  )
})
