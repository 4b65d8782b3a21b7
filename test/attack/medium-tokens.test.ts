// Access tokens: none for years, none from the future, and an issuer that is down locks nobody out.
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createAuthenticate } from '#api/auth/authenticate.ts'
import { createTokenVerifier } from '#api/auth/verify-token.ts'
import { type Problem, PROBLEMS } from '#lib/errors.ts'
import { createTestContext } from '#test/context.ts'
import { token } from '#test/tokens.ts'

const DAY = 86_400
const now = () => Math.floor(Date.now() / 1000)

describe('a token', () => {
  const statusOf = async (environment: 'production' | 'development' | 'test', claims: object) => {
    const own = createTestContext()
    const context = { ...own, config: { ...own.config, environment } }
    const authenticate = createAuthenticate()
    const bearer = `Bearer ${await token({ scope: 'admin', ...claims })}`
    return authenticate(context, bearer, { method: 'get', path: '/v1/crm-types', scope: 'any' }).then(
      () => 200,
      (error: Problem) => PROBLEMS[error.code].status,
    )
  }

  it.each([
    ['production', { exp: now() + DAY - 60 }, 200],
    ['production', { exp: now() + DAY + 600 }, 401],
    ['production', { exp: now() + 3650 * DAY }, 401],
    ['development', { exp: now() + 399 * DAY }, 200],
    ['test', { exp: now() + 401 * DAY }, 401],
    ['test', { iat: now() + 600 }, 401],
    ['test', { iat: now() + 10 }, 200],
    ['test', { iat: undefined }, 200],
    ['test', { iat: 'tomorrow' }, 401],
  ] as const)('in %s with %j is answered %i', async (environment, claims, status) => {
    expect(await statusOf(environment, claims)).toBe(status)
  })
})

describe('published keys', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('stay good for a day while they cannot be reloaded, are reloaded behind a request, and then are gone', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { verify, sign, state, settle } = await keyServer()
    await verify(await sign())
    state.isDown = true
    for (let hours = 0; hours < 23; hours += 1) {
      vi.setSystemTime(Date.now() + 3_600_000)
      await verify(await sign())
      await settle()
    }
    expect(state.requests).toBeGreaterThan(20)
    vi.setSystemTime(Date.now() + 2 * 3_600_000)
    await expect(verify(await sign())).rejects.toMatchObject({ code: 'keys_unavailable' })
  })

  it('are those of the last reload: a key that was taken back is refused soon', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { verify, sign, state, settle } = await keyServer()
    await verify(await sign())
    state.isRevoked = true
    vi.setSystemTime(Date.now() + 11 * 60_000)
    await verify(await sign())
    await settle()
    await expect(verify(await sign())).rejects.toMatchObject({ code: 'invalid' })
    expect(state.requests).toBe(2)
  })
})

async function keyServer() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }
  const state = { isDown: false, isRevoked: false, requests: 0 }
  const work: Promise<unknown>[] = []
  const verify = createTokenVerifier({
    ...{ keys: { jwksUrl: 'https://auth.example.com/jwks.json' }, issuer: 'i', audience: 'a', lifetimeSecondsMax: DAY },
    fetch: async () => {
      state.requests += 1
      if (state.isDown) throw new TypeError('connection refused')
      return Response.json({ keys: state.isRevoked ? [] : [jwk] })
    },
    background: (one) => void work.push(one),
  })
  let serial = 0
  const sign = async () =>
    new SignJWT({ scope: 'admin', jti: String((serial += 1)), exp: now() + 600 })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer('i')
      .setAudience('a')
      .setSubject('x')
      .sign(privateKey)
  return { verify, sign, state, settle: async () => Promise.all(work) }
}
