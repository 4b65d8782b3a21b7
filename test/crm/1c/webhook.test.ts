// The forms that developers push in, the proofs they may show, and what they are answered; the README names the traps.
import { describe, expect, it } from 'vitest'
import { webhook } from '#crm/1c/webhook.ts'
import { signHmac } from '#crypto/hmac.ts'
import { Secret } from '#lib/secret.ts'

const ID = '5a0f7c1e-8d21-11f0-9c55-00155d0a1b02'
const HINT = `Document_ЧекККМ:${ID}`
const POSTED = { event: 'posted', entity: 'Document_ЧекККМ', ref_key: ID }

const bytesOf = (value: unknown) =>
  new Uint8Array(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)))

const parse = (value: unknown, contentType: string | null = 'application/json; charset=utf-8') =>
  webhook.parse({ contentType, bytes: bytesOf(value) })

function eventsOf(value: unknown, contentType?: string | null) {
  const parsed = parse(value, contentType)
  if (parsed.type === 'unreadable') throw new Error(parsed.reason)
  return parsed.events
}
const hintsOf = (value: unknown, contentType?: string | null) =>
  eventsOf(value, contentType).map(({ hint }) => hint?.externalId ?? null)

describe('a push', () => {
  it.each(['created', 'updated', 'posted', 'unposted', 'deleted'])('names the document to read again: %s', (event) =>
    expect(hintsOf({ ...POSTED, event })).toEqual([HINT]),
  )

  it.each([
    ['an event that nobody has agreed on', { ...POSTED, event: 'Проведён' }],
    ['no event at all', { entity: 'Document_ЧекККМ', ref_key: ID }],
    ['the key in upper case', { ...POSTED, ref_key: ID.toUpperCase() }],
    ['the key in braces', { ...POSTED, ref_key: `{${ID}}` }],
    ['the full name of the document in 1C', { ...POSTED, entity: 'Документ.ЧекККМ' }],
    ['1C’s own name for a reference', { event: 'posted', entity: 'Document_ЧекККМ', Ссылка: ID }],
    ['the name of a reference in OData', { event: 'posted', entity: 'Document_ЧекККМ', Ref_Key: ID }],
    ['a key twice, once as a presentation', { ...POSTED, Ref_Key: ID, Ссылка: 'Чек ККМ ЦБ-0000412 от 21.11.2026' }],
    ['names that would reach a prototype', { ...POSTED, constructor: 1, toString: 2 }],
    ['no object', { ...POSTED, object: null }],
  ])('is read with %s', (_, body) => expect(hintsOf(body)).toEqual([HINT]))

  it('is read with a byte order mark, without a content type and under a wrong one', () => {
    expect(hintsOf(`\uFEFF${JSON.stringify(POSTED)}`)).toEqual([HINT])
    expect(hintsOf(POSTED, null)).toEqual([HINT])
    expect(hintsOf(POSTED, 'application/json')).toEqual([HINT])
    expect(hintsOf(POSTED, 'application/x-www-form-urlencoded')).toEqual([HINT])
  })

  it('is read in the encoding that it names', () => {
    // `Document_ЧекККМ` as 1C writes it with КодировкаТекста.ANSI.
    const [before = '', after = ''] = JSON.stringify(POSTED).split('ЧекККМ')
    const bytes = new Uint8Array([...bytesOf(before), 0xd7, 0xe5, 0xea, 0xca, 0xca, 0xcc, ...bytesOf(after)])
    const parsed = webhook.parse({ contentType: 'application/json; charset=windows-1251', bytes })
    expect(parsed).toMatchObject({ type: 'events', events: [{ hint: { externalId: HINT } }] })
  })

  it('of several documents names each, and makes all changes be looked at for one that cannot be read', () => {
    const other = ID.replace('5a', '5b')
    expect(hintsOf([POSTED, { ...POSTED, ref_key: other }])).toEqual([HINT, `Document_ЧекККМ:${other}`])
    expect(hintsOf([POSTED, { ...POSTED, ref_key: 'ЦБ-0000412' }, 7])).toEqual([HINT, null, null])
  })

  it('has 100 events at most', () => {
    expect(hintsOf(Array.from({ length: 100 }, () => POSTED))).toHaveLength(100)
    expect(parse(Array.from({ length: 101 }, () => POSTED))).toEqual({
      ...{ type: 'unreadable', reason: 'more than 100 events' },
    })
  })

  it.each([
    ['a ping', { event: 'ping' }],
    ['a catalog', { ...POSTED, entity: 'Catalog_Контрагенты' }],
    ['a catalog by its name in 1C', { ...POSTED, entity: 'Справочник.Контрагенты' }],
    ['a register', { ...POSTED, entity: 'AccumulationRegister_Продажи_RecordType' }],
  ])('that is %s tells of no sale', (_, body) => expect(hintsOf(body)).toEqual([]))

  it.each([
    [{}],
    ['text'],
    ['"text"'],
    [[1, 2]],
    [{ event: 'posted' }],
    [{ ...POSTED, ref_key: 'ЦБ-0000412' }],
    [{ ...POSTED, ref_key: '00000000-0000-0000-0000-000000000000' }],
    [{ event: 'posted', ref_key: ID }],
    ['{"half":'],
    [''],
  ])('is none: %j', (body) => expect(parse(body).type).toBe('unreadable'))

  it('nested without end is read no deeper than it is needed', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const body = `{"event":"posted","entity":"Document_ЧекККМ","ref_key":"${ID}","object":{"Товары":${deep}}}`
    expect(hintsOf(body)).toEqual([HINT])
  })

  it('is news when it comes again, unless it tells the version', () => {
    expect(eventsOf(POSTED)[0]?.version).toBeNull()
    expect(eventsOf({ ...POSTED, data_version: 'AAAAAAACedA=' })[0]?.version).toBe('AAAAAAACedA=')
    expect(eventsOf({ ...POSTED, ВерсияДанных: 'AAAAAAACedA=' })[0]?.version).toBe('AAAAAAACedA=')
  })

  it('is told from another by its idempotency key and what it says, never by the key alone', () => {
    const idOf = (headers: Record<string, string>, body: unknown) =>
      webhook.deliveryId?.({ headers: new Headers(headers), contentType: null, bytes: bytesOf(body) })
    const key = { 'idempotency-key': ID }
    expect(idOf({}, POSTED)).toBeNull()
    expect(idOf(key, POSTED)).toBe(idOf(key, POSTED))
    expect(idOf(key, POSTED)).not.toBe(idOf(key, { ...POSTED, event: 'unposted' }))
    expect(idOf(key, POSTED)).not.toBe(idOf({ 'idempotency-key': 'other' }, POSTED))
  })
})

describe('the secret of a push', () => {
  const SECRET = 's3cret-token_of-43-characters'
  const BODY = `\uFEFF${JSON.stringify(POSTED)}`
  const verify = async (headers: Record<string, string>, body = BODY) =>
    webhook.verify?.({ headers: new Headers(headers), contentType: null, bytes: bytesOf(body) }, new Secret(SECRET))
  const basic = (text: string) => `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`
  const signed = async (body = BODY, secret = SECRET) => (await signHmac(bytesOf(secret), bytesOf(body))).toHex()

  it('may be absent: the address tells who it is', async () => expect(await verify({})).toBe('absent'))

  it.each([
    ['a header of its own', { 'x-hook-token': SECRET }],
    ['Bearer', { authorization: `Bearer ${SECRET}` }],
    ['Basic, whoever the user is', { authorization: basic(`1c:${SECRET}`) }],
    ['Basic with a Cyrillic user', { authorization: basic(`Обмен OData:${SECRET}`) }],
    ['Basic without a user', { authorization: basic(`:${SECRET}`) }],
    ['its own header, while a proxy adds another', { 'x-hook-token': SECRET, authorization: 'Basic cHJveHk6eA==' }],
  ])('is accepted in %s', async (_, headers) => expect(await verify(headers)).toBe('shown'))

  it('is accepted as an HMAC over the very bytes, byte order mark included', async () => {
    expect(await verify({ 'x-signature': `sha256=${await signed()}`, 'x-timestamp': '1790000000' })).toBe('shown')
    expect(await verify({ 'x-signature': (await signed()).toUpperCase() })).toBe('shown')
    // Python: hmac.new(b's3cret-token_of-43-characters', b'{"event":"ping"}', 'sha256').hexdigest()
    const known = '8c9753fcd2d7f7cd5264917897d4fd4dfd2085bb214cf4ea494b4de5e8eb1a1c'
    expect(await verify({ 'x-signature': `sha256=${known}` }, '{"event":"ping"}')).toBe('shown')
  })

  it.each([
    ['another', { 'x-hook-token': `${SECRET}x` }],
    ['cut short', { 'x-hook-token': SECRET.slice(1) }],
    ['empty', { 'x-hook-token': '' }],
    ['another Bearer', { authorization: 'Bearer x' }],
    ['Bearer and nothing', { authorization: 'Bearer' }],
    ['of another scheme', { authorization: `NTLM ${SECRET}` }],
    ['the user of Basic', { authorization: basic(`${SECRET}:x`) }],
    ['another of Basic', { authorization: basic('1c:x') }],
    ['no base64', { authorization: 'Basic ***' }],
    ['two in one header', { authorization: `Bearer x ${SECRET}` }],
    ['no signature', { 'x-signature': 'sha256=' }],
    ['no hexadecimal', { 'x-signature': `sha256=${'z'.repeat(64)}` }],
  ])('is refused when it is %s', async (_, headers) => expect(await verify(headers)).toBe(false))

  it('is refused when another body, or another key, was signed, whatever else is shown', async () => {
    const other = `sha256=${await signed(BODY.slice(1))}`
    expect(await verify({ 'x-signature': other })).toBe(false)
    expect(await verify({ 'x-signature': `sha256=${await signed(BODY, 'x')}` })).toBe(false)
    expect(await verify({ 'x-signature': other, 'x-hook-token': SECRET })).toBe(false)
  })
})

describe('the answer to a push', () => {
  const answer = (outcome: Parameters<NonNullable<typeof webhook.reply>>[0]) => {
    const { status, contentType, body } = webhook.reply?.(outcome) ?? { status: 0, contentType: '', body: '' }
    return { status, contentType, ...JSON.parse(body) }
  }

  it('tells what became of each event', () => {
    const events = eventsOf([POSTED, { ...POSTED, ref_key: 'ЦБ-0000412' }])
    expect(answer({ type: 'accepted', events })).toEqual({
      ...{ status: 200, contentType: 'application/json', ok: true, accepted: 1 },
      results: [{ ref_key: ID, ok: true }, { ok: false }],
    })
  })

  it('to a ping is that all is well', () => {
    expect(answer({ type: 'accepted', events: [] })).toMatchObject({ status: 200, ok: true, accepted: 0, results: [] })
  })

  it.each([
    ['unreadable', 400],
    ['unverified', 401],
    ['too_large', 413],
  ] as const)('is no success when it is %s', (type, status) =>
    expect(answer({ type })).toMatchObject({ status, ok: false }),
  )
})
