import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createTokenVerifier } from '#api/auth/verify-token.ts'
import { secret, token } from '#test/tokens.ts'

const ISSUER = 'https://auth.crm-integrations.localhost'
const AUDIENCE = 'crm-integrations'
const BUSINESS = '0e02b2c3-58cc-4372-a567-f47ac10b58cc'
const REST = { lifetimeSecondsMax: 86_400, background: () => undefined }
const noFetch = async () => {
  throw new TypeError('no network')
}

const verify = createTokenVerifier({
  keys: { secret: secret() },
  issuer: ISSUER,
  audience: AUDIENCE,
  fetch: noFetch,
  ...REST,
})

function base64(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: 'base64url', omitPadding: true })
}

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  )
}

const seconds = () => Math.floor(Date.now() / 1000)

describe('a token of the shared secret', () => {
  it('says who calls and what for', async () => {
    const principal = await verify(await token({ business_id: BUSINESS, scope: 'integrations:read unknown:scope' }))
    expect(principal).toMatchObject({ subject: 'somebody', businessId: BUSINESS, isAdmin: false })
    expect([...principal.scopes]).toEqual(['integrations:read'])
  })

  it.each([
    ['of another issuer', { iss: 'https://evil.example.com' }, 'invalid'],
    ['without an issuer', { iss: undefined }, 'invalid'],
    ['for another audience', { aud: 'another-service' }, 'invalid'],
    ['without an audience', { aud: undefined }, 'invalid'],
    ['that has expired', { exp: seconds() - 60 }, 'expired'],
    ['without an end', { exp: undefined }, 'invalid'],
    ['that is not valid yet', { nbf: seconds() + 600 }, 'invalid'],
    ['without a subject', { sub: undefined }, 'invalid'],
    ['with an empty subject', { sub: '' }, 'invalid'],
    ['whose business is no id', { business_id: 'x' }, 'invalid'],
    ['whose scope is a list', { scope: ['admin'] }, 'invalid'],
  ])('%s is refused', async (_name, claims, code) => {
    expect(await refusal(verify(await token({ business_id: BUSINESS, ...claims })))).toBe(code)
  })

  it('is refused unsigned, whatever it calls the algorithm', async () => {
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'x', exp: seconds() + 60, scope: 'admin' }
    for (const alg of ['none', 'None', 'NONE', '']) {
      expect(await refusal(verify(`${base64({ alg })}.${base64(claims)}.`))).toBe('invalid')
    }
  })

  it('is refused when a byte of it was changed', async () => {
    const [header = '', payload = '', signature = ''] = (await token({ scope: 'admin' })).split('.')
    const forged = base64({ iss: ISSUER, aud: AUDIENCE, sub: 'x', exp: seconds() + 60, scope: 'admin' })
    expect(await refusal(verify(`${header}.${forged}.${signature}`))).toBe('invalid')
    expect(
      await refusal(verify(`${header}.${payload}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`)),
    ).toBe('invalid')
  })

  it('is refused when signed with another secret, or with HS512', async () => {
    const sign = async (alg: string, key: Uint8Array) =>
      new SignJWT({ scope: 'admin' })
        .setProtectedHeader({ alg })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject('x')
        .setExpirationTime('5m')
        .sign(key)
    const padded = new Uint8Array(64).fill(7)
    expect(await refusal(verify(await sign('HS256', padded)))).toBe('invalid')
    expect(await refusal(verify(await sign('HS512', padded)))).toBe('invalid')
  })

  it('is refused when it is very large', async () => {
    expect(await refusal(verify(await token({ padding: 'x'.repeat(10_000) })))).toBe('invalid')
  })
})

interface KeyServer {
  readonly verify: (token: string) => Promise<unknown>
  readonly requests: () => number
  readonly publish: (jwks: readonly JWK[]) => void
  readonly fail: () => void
}

function keyServer(): KeyServer {
  let keys: readonly JWK[] | null = []
  let requests = 0
  const fetch = async () => {
    requests += 1
    return keys ? Response.json({ keys }) : new Response('down', { status: 500 })
  }
  const jwksUrl = `https://auth.example.com/${crypto.randomUUID()}/jwks.json`
  return {
    verify: createTokenVerifier({ keys: { jwksUrl }, issuer: ISSUER, audience: AUDIENCE, fetch, ...REST }),
    requests: () => requests,
    publish: (jwks) => void (keys = jwks),
    fail: () => void (keys = null),
  }
}

async function keyPair(alg: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const kid = crypto.randomUUID()
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }
  const sign = async (header: object = {}) =>
    new SignJWT({ scope: 'integrations:read', business_id: BUSINESS })
      .setProtectedHeader({ alg, kid, ...header })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject('x')
      .setExpirationTime('5m')
      .sign(privateKey)
  return { jwk, sign, publicKey }
}

describe('a token of published keys', () => {
  it.each(['RS256', 'ES256', 'EdDSA'])('is accepted with %s, and the keys are asked for once', async (alg) => {
    const server = keyServer()
    const { jwk, sign } = await keyPair(alg)
    server.publish([jwk])
    for (let n = 0; n < 3; n += 1) await expect(server.verify(await sign())).resolves.toBeTruthy()
    expect(server.requests()).toBe(1)
  })

  it('is refused for an unknown key, and strangers cannot make us ask again and again', async () => {
    const server = keyServer()
    const [known, unknown] = [await keyPair('ES256'), await keyPair('ES256')]
    server.publish([known.jwk])
    await server.verify(await known.sign())
    for (let n = 0; n < 5; n += 1) expect(await refusal(server.verify(await unknown.sign()))).toBe('invalid')
    expect(server.requests()).toBe(1)
  })

  it('is refused when signed with HS256 by the public key itself', async () => {
    const server = keyServer()
    const { jwk } = await keyPair('RS256')
    server.publish([jwk])
    for (const key of [JSON.stringify(jwk), jwk.n ?? '']) {
      const forged = await new SignJWT({ scope: 'admin' })
        .setProtectedHeader({ alg: 'HS256', kid: jwk.kid ?? '' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject('x')
        .setExpirationTime('5m')
        .sign(new TextEncoder().encode(key))
      expect(await refusal(server.verify(forged))).toBe('invalid')
    }
  })

  it('is refused with the shared secret of another configuration', async () => {
    const server = keyServer()
    server.publish([(await keyPair('RS256')).jwk])
    expect(await refusal(server.verify(await token({ scope: 'admin' })))).toBe('invalid')
  })

  it('waits when the keys cannot be had: that is no fault of the caller', async () => {
    const server = keyServer()
    const { sign } = await keyPair('ES256')
    server.fail()
    expect(await refusal(server.verify(await sign()))).toBe('keys_unavailable')
  })
})

it('remembers an accepted token for a minute, and never beyond its end', async () => {
  let now = Date.now()
  let checks = 0
  const { jwk, sign } = await keyPair('ES256')
  const fetch = async () => {
    checks += 1
    return Response.json({ keys: [jwk] })
  }
  const jwksUrl = `https://auth.example.com/${crypto.randomUUID()}/jwks.json`
  const remembering = createTokenVerifier({
    ...{ keys: { jwksUrl }, issuer: ISSUER, audience: AUDIENCE, fetch, ...REST },
    now: () => new Date(now),
  })
  const accepted = await sign()
  const first = await remembering(accepted)
  expect(await remembering(accepted)).toBe(first)
  now += 61_000
  expect(await remembering(accepted)).not.toBe(first)
  now += 300_000
  expect(await refusal(remembering(accepted))).toBe('expired')
  expect(checks).toBe(1)
})
