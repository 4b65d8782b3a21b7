// What is believed of what iiko's addresses answer.
import { describe, expect, it } from 'vitest'
import type { HttpResponse } from '#lib/egress.ts'
import { loginRefusal, refusal, REPORTS, serverRefusal, tokenRefusal } from '#crm/iiko/refusal.ts'

function answer(status: number, text: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, text, headers: new Headers(headers), json: (): unknown => JSON.parse(text) }
}

const own = (errorDescription: string) => JSON.stringify({ correlationId: 'c-1', errorDescription, error: null })
const FOREIGN = [
  ['a page', '<!DOCTYPE html><html><h1>Attention Required! | Cloudflare</h1></html>'],
  ['the JSON of a proxy', '{"message":"Forbidden"}'],
  ['the JSON of another proxy', '{"code":7,"message":"denied","details":[]}'],
  ['a list', '["denied"]'],
  ['plain text', 'Forbidden'],
  ['half of its own JSON', '{"correlationId":"c-1","errorDescription":"Login'],
  ['packed bytes', '\u001F\uFFFD\b\0packed'],
  ['nothing', ''],
] as const
const STATUSES = [400, 401, 402, 403, 404, 405, 409, 410, 422, 423, 451]
const everyForeign = STATUSES.flatMap((status) => FOREIGN.map(([name, body]) => [status, name, body] as const))

describe('A3: of iiko’s cloud only its own JSON counts', () => {
  it.each(everyForeign)('%i with %s is an outage, whatever was called', (status, _name, body) => {
    for (const error of [
      refusal(answer(status, body), 'deliveries'),
      refusal(answer(status, body), REPORTS),
      tokenRefusal(answer(status, body), true),
      tokenRefusal(answer(status, body), false),
    ]) {
      expect(error).toMatchObject({ kind: 'unavailable', reason: 'not_json', status })
    }
  })

  it.each([
    [401, 'Token is expired or unknown.', 'auth', 'key_rejected'],
    [403, 'Organization is not granted.', 'forbidden', 'right_missing'],
    [402, 'Payment required', 'forbidden', 'licence_ended'],
    [404, 'Not Found', 'rejected', 'request_rejected'],
    [408, 'Timeout', 'unavailable', 'busy'],
    [422, 'Too much', 'rejected', 'request_rejected'],
  ])('%i in its own words: %s', (status, text, kind, reason) => {
    expect(refusal(answer(status, own(text)), 'deliveries')).toMatchObject({ kind, reason, params: { request: 'c-1' } })
  })

  it.each([
    [
      403,
      'This API key does not support /api/1/access_token. Please use /api/v2/access_token instead.',
      false,
      'app_needed',
    ],
    [401, 'Login x is not authorized.', true, 'key_rejected'],
    [401, 'Invalid clientSecret.', true, 'app_rejected'],
    [401, 'Apilogin`s license for using the Cloud API has expired.', true, 'licence_ended'],
    [422, 'Too much', true, 'request_rejected'],
  ])('%i of the token call: %s', (status, text, hasApp, reason) => {
    expect(tokenRefusal(answer(status, own(text)), hasApp)).toMatchObject({ reason })
  })

  it('never doubts the key because of its reports, which other rights belong to', () => {
    const body = '{"message":"Unauthorized","details":null}'
    expect(refusal(answer(401, body), REPORTS)).toMatchObject({ kind: 'forbidden', reason: 'reports_refused' })
  })
})

describe('of iikoServer only a line of its own text counts', () => {
  const pages = FOREIGN.filter(([name]) => name !== 'plain text')

  it.each(STATUSES.flatMap((status) => pages.map(([name, body]) => [status, name, body] as const)))(
    '%i with %s is an outage',
    (status, _name, body) => {
      for (const error of [serverRefusal(answer(status, body)), loginRefusal(answer(status, body), false)]) {
        expect(error).toMatchObject({ kind: 'unavailable', reason: 'server_page' })
      }
    },
  )

  it('does not take the password that a proxy asks for to be its own', () => {
    const asking = answer(401, 'Unauthorized', { 'www-authenticate': 'Basic realm="proxy"' })
    expect(loginRefusal(asking, false)).toMatchObject({ kind: 'unavailable' })
    expect(loginRefusal(answer(401, 'Unauthorized'), false)).toMatchObject({ reason: 'server_login_rejected' })
  })

  it.each([
    [403, 'Permission denied', 'forbidden', 'server_right_missing'],
    [403, 'Module 2000 is blocked within current license', 'forbidden', 'server_licence_missing'],
    [403, 'License enhancement is required: no connections available', 'unavailable', 'server_no_seat'],
    [403, 'Access denied by policy', 'unavailable', 'server_page'],
    [404, '404 page not found', 'unavailable', 'server_page'],
  ])('%i: %s', (status, text, kind, reason) => {
    expect(serverRefusal(answer(status, text))).toMatchObject({ kind, reason })
  })
})
