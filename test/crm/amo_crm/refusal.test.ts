// What counts as amoCRM's own word. Bodies are as its reference and public code show them.
import { describe, expect, it } from 'vitest'
import { isNothing, isRefusedList, refusalOf } from '#crm/amo_crm/refusal.ts'
import type { HttpResponse } from '#lib/egress.ts'

const PARAMS = { area: 'leads', brand: 'amoCRM' }

function answer(status: number, text: string): HttpResponse {
  return { status, headers: new Headers(), text, json: () => JSON.parse(text) }
}
const own = (status: number, more: object = {}) =>
  JSON.stringify({ title: 'Ошибка', type: `https://httpstatus.es/${status}`, status, detail: 'Текст', ...more })
const NGINX = '<html><head><title>403 Forbidden</title></head><body><hr><center>nginx/1.18.0</center></body></html>'

describe('amoCRM’s own refusals', () => {
  it.each([
    [401, own(401), { kind: 'auth', reason: 'token_rejected', mayPass: false }],
    [402, own(402), { kind: 'forbidden', reason: 'subscription_ended', mayPass: true }],
    [402, '{"title":"Payment Required"}', { kind: 'forbidden', mayPass: true }],
    [403, own(403), { kind: 'forbidden', reason: 'right_missing', mayPass: false }],
    [404, own(404), { kind: 'not_found', reason: null }],
    [405, own(405), { kind: 'rejected' }],
    [422, own(422, { 'validation-errors': [] }), { kind: 'rejected' }],
    [400, '{"validation-errors":[{"errors":[]}]}', { kind: 'rejected' }],
    [400, own(400, { code: 426 }), { kind: 'rejected', reason: 'switched_off' }],
    [400, '{"code":"426"}', { kind: 'rejected', reason: 'switched_off' }],
    [400, own(400, { detail: 'Системная ошибка, повторите' }), { kind: 'unavailable', reason: 'server_error' }],
  ])('A6, A7: a %i is what it says: %s', (status, text, expected) => {
    expect(refusalOf(answer(status, text), PARAMS)).toMatchObject({ ...expected, status })
  })

  it('name an account that does not exist', () => {
    expect(refusalOf(answer(404, own(404)), { ...PARAMS, area: 'account' })).toMatchObject({
      ...{ kind: 'not_found', reason: 'account_missing' },
    })
  })

  it('A4: do not say without a type that an object is gone', () => {
    const untyped = (status: number) => answer(status, '{"title":"Not Found","detail":"Текст"}')
    expect(refusalOf(untyped(404), PARAMS)).toMatchObject({ kind: 'unavailable' })
    expect(refusalOf(untyped(403), PARAMS)).toMatchObject({ kind: 'forbidden' })
  })

  it('A5: say by code 226 that there is nothing, with or without a title', () => {
    expect(isNothing(answer(400, '{"code":226}'))).toBe(true)
    expect(isNothing(answer(400, own(400, { code: 226 })))).toBe(true)
    expect(isNothing(answer(403, '{"code":226}'))).toBe(false)
    expect(isNothing(answer(400, '{"code":227}'))).toBe(false)
    expect(isNothing(answer(404, '<h1>Not found</h1>'))).toBe(false)
  })
})

describe('the word of somebody else', () => {
  const bodies = [
    ...[
      '',
      ' ',
      '<html>',
      '<!doctype html><title>Технические работы</title>',
      'Forbidden',
      '{"half":',
      'null',
      '[]',
      '5',
    ],
    ...['{}', '{"message":"Forbidden","request_id":"7f3a-91"}', '{"error":"access_denied"}', '{"code":403}'],
    ...['{"type":"about:blank","title":"Forbidden","detail":"x"}', '{"title":"Forbidden","status":200}'],
    '{"type":"https://tools.ietf.org/html/rfc7231#section-6.5.3","title":"Forbidden","traceId":"00-1"}',
    '{"type":"https://httpstatus.es.example.com/403","title":"Forbidden"}',
    ...['{"title":"Not Found"}', '{"success":false,"title":"Forbidden"}', '{"title":"Forbidden","code":403}'],
  ]
  it.each([400, 401, 402, 403, 404, 405, 409, 410, 422, 451])(
    'A4, A6: is an outage under %i, whatever it is',
    (status) => {
      for (const text of bodies) {
        const error = refusalOf(answer(status, text), PARAMS)
        expect(error, text).toMatchObject({ kind: 'unavailable', status })
        expect(isRefusedList(error), text).toBe(false)
      }
    },
  )

  it('is the front server’s page under 403, which may pass, and nothing else from it', () => {
    const error = refusalOf(answer(403, NGINX), PARAMS)
    expect(error).toMatchObject({ kind: 'forbidden', reason: 'blocked', mayPass: true })
    expect(isRefusedList(error)).toBe(false)
    expect(refusalOf(answer(401, NGINX), PARAMS)).toMatchObject({ kind: 'unavailable' })
  })

  it('tells a person to look at the address where the account itself is answered by a page', () => {
    expect(refusalOf(answer(404, '<h1>404</h1>'), { ...PARAMS, area: 'account' })).toMatchObject({
      ...{ kind: 'unavailable', reason: 'account_missing' },
    })
  })
})
