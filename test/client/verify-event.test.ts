import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { EventError, verifyEvent } from '#client/verify-event.ts'

/** The example in the JavaScript library's README at https://www.standardwebhooks.com. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const BODY = '{"test": 2432232314}'
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const AT = 1_614_265_330
const KNOWN = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const now = new Date(AT * 1000)

const headers = (change: Readonly<Record<string, string>> = {}) => ({
  ...{ 'webhook-id': ID, 'webhook-timestamp': String(AT), 'webhook-signature': KNOWN },
  ...change,
})

async function refusal(...given: Parameters<typeof verifyEvent>): Promise<unknown> {
  const error = await verifyEvent(...given).catch((thrown: unknown) => thrown)
  return error instanceof EventError ? error.code : error
}

describe('an event', () => {
  it('is believed with the known signature, in any order of signatures and secrets', async () => {
    expect(await verifyEvent(SECRET, headers(), BODY, { now })).toEqual({ test: 2_432_232_314 })
    const several = headers({ 'webhook-signature': `v1a,xyz v1,no-base64! v1,AAAA ${KNOWN}` })
    const other = `whsec_${btoa('another secret of some length')}`
    expect(await verifyEvent([other, SECRET], new Headers(several), BODY, { now })).toEqual({ test: 2_432_232_314 })
    const signed = new Webhook(other).sign(ID, now, BODY)
    expect(await verifyEvent(other, headers({ 'webhook-signature': signed }), BODY, { now })).toBeTruthy()
  })

  it('is not believed with any byte changed, another secret, or without its headers', async () => {
    for (let at = 0; at < BODY.length; at += 1) {
      const changed = `${BODY.slice(0, at)}~${BODY.slice(at + 1)}`
      expect(await refusal(SECRET, headers(), changed, { now })).toBe('wrong_signature')
    }
    for (let at = 3; at < KNOWN.length - 1; at += 1) {
      const changed = `${KNOWN.slice(0, at)}${KNOWN[at] === 'A' ? 'B' : 'A'}${KNOWN.slice(at + 1)}`
      // The last character of base64 has bits that say nothing.
      if (at === KNOWN.length - 2) continue
      expect(await refusal(SECRET, headers({ 'webhook-signature': changed }), BODY, { now })).toBe('wrong_signature')
    }
    expect(await refusal(SECRET, headers({ 'webhook-id': 'msg_2' }), BODY, { now })).toBe('wrong_signature')
    expect(await refusal(`whsec_${btoa('other')}`, headers(), BODY, { now })).toBe('wrong_signature')
    expect(await refusal('not a secret', headers(), BODY, { now })).toBe('wrong_secret')
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      expect(await refusal(SECRET, headers({ [name]: '' }), BODY, { now })).toBe('no_headers')
    }
    expect(await refusal(SECRET, headers({ 'webhook-timestamp': 'now' }), BODY, { now })).toBe('no_headers')
  })

  it('is not believed when it is older than five minutes, or than a clock may be ahead', async () => {
    const at = (seconds: number) => ({ now: new Date((AT + seconds) * 1000) })
    expect(await refusal(SECRET, headers(), BODY, at(301))).toBe('too_old')
    expect(await refusal(SECRET, headers(), BODY, at(-301))).toBe('too_new')
    expect(await refusal(SECRET, headers(), BODY, at(299))).toEqual({ test: 2_432_232_314 })
    expect(await refusal(SECRET, headers(), BODY, { ...at(301), toleranceSeconds: 600 })).toEqual({
      test: 2_432_232_314,
    })
  })
})
