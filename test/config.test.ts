import { describe, expect, it } from 'vitest'
import { type ConfigError, parseConfig } from '#config.ts'

const GOOD = {
  ENVIRONMENT: 'production',
  DATABASE_URL: 'postgresql://user:hunter2@db.neon.tech/main',
  ENCRYPTION_KEYS: `k1:${new Uint8Array(32).toBase64()}`,
  ADDRESS_KEY: new Uint8Array(32).toBase64(),
  AUTH_JWKS_URL: 'https://auth.example.com/jwks.json',
  AUTH_ISSUER: 'https://auth.example.com',
  AUTH_AUDIENCE: 'crm',
  PUBLIC_URL: 'https://api.example.com',
  DEPLOYMENT_ID: 'production',
}

function problems(change: Readonly<Record<string, string | undefined>>) {
  const env = Object.fromEntries(Object.entries({ ...GOOD, ...change }).filter(([, value]) => value !== undefined))
  try {
    parseConfig(env)
    return []
  } catch (error) {
    const { message, problems: found } = error as ConfigError
    for (const value of Object.values(change)) if (value && value.length > 8) expect(message).not.toContain(value)
    return found.map(({ variable }) => variable)
  }
}

describe('the configuration', () => {
  it('is taken when it is whole, with the documented defaults', () => {
    expect(parseConfig(GOOD)).toMatchObject({ retryBaseSeconds: 30, throttleWaitScale: 1, egressAllowOrigins: [] })
    expect(parseConfig(GOOD).rateLimitScale).toBe(1)
    expect(parseConfig({ ...GOOD, ENVIRONMENT: 'development' }).rateLimitScale).toBe(100)
    expect(Object.isFrozen(parseConfig(GOOD))).toBe(true)
  })

  it.each([
    ['DATABASE_URL', { DATABASE_URL: undefined }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://root:hunter2@db/x' }],
    ['ENCRYPTION_KEYS', { ENCRYPTION_KEYS: undefined }],
    ['ENCRYPTION_KEYS', { ENCRYPTION_KEYS: 'k1:c2hvcnQ=' }],
    ['ADDRESS_KEY', { ADDRESS_KEY: undefined }],
    ['ADDRESS_KEY', { ADDRESS_KEY: 'dG9vIHNob3J0IGEga2V5' }],
    ['DEPLOYMENT_ID', { DEPLOYMENT_ID: undefined }],
    ['DEPLOYMENT_ID', { ENVIRONMENT: 'test', DEPLOYMENT_ID: 'two words' }],
    ['AUTH_ISSUER', { AUTH_ISSUER: '' }],
    ['AUTH_AUDIENCE', { AUTH_AUDIENCE: undefined }],
    ['AUTH_JWKS_URL, AUTH_JWT_SECRET', { AUTH_JWKS_URL: undefined }],
    ['AUTH_JWKS_URL, AUTH_JWT_SECRET', { AUTH_JWT_SECRET: 'x'.repeat(40) }],
    ['AUTH_JWT_SECRET', { AUTH_JWKS_URL: undefined, AUTH_JWT_SECRET: 'too short' }],
    ['AUTH_JWKS_URL', { AUTH_JWKS_URL: 'http://auth.example.com/jwks.json' }],
    ['ENVIRONMENT', { ENVIRONMENT: 'staging' }],
    ['SYNC_RETRY_BASE_SECONDS', { SYNC_RETRY_BASE_SECONDS: 'soon' }],
    ['SYNC_RETRY_BASE_SECONDS', { SYNC_RETRY_BASE_SECONDS: '-1' }],
    ['THROTTLE_WAIT_SCALE', { THROTTLE_WAIT_SCALE: '0.01' }],
    ['RATE_LIMIT_SCALE', { RATE_LIMIT_SCALE: '100' }],
    ['RATE_LIMIT_SCALE', { ENVIRONMENT: 'test', RATE_LIMIT_SCALE: '0' }],
    ['EGRESS_ALLOW_ORIGINS', { EGRESS_ALLOW_ORIGINS: 'http://127.0.0.1:9' }],
    ['EGRESS_ALLOW_ORIGINS', { ENVIRONMENT: 'test', EGRESS_ALLOW_ORIGINS: 'http://10.0.0.1:9' }],
    ['NEON_FETCH_ENDPOINT', { NEON_FETCH_ENDPOINT: 'http://127.0.0.1:1/sql' }],
    ['PUBLIC_URL', { PUBLIC_URL: undefined }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://api.example.com/path' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: '*' }],
  ])('names %s when it is wrong, and never what it said', (variable, change) => {
    expect(problems(change)).toContain(variable)
  })

  it('names all that is wrong at once', () => {
    expect(problems({ DATABASE_URL: undefined, AUTH_ISSUER: undefined, ENVIRONMENT: 'x' })).toEqual([
      'ENVIRONMENT',
      'DATABASE_URL',
      'AUTH_ISSUER',
    ])
  })
})
