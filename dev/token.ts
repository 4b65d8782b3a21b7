// npm run token -- --business <uuid> --scope "<scopes>" [--ttl 3600]: an access token that the local environment
// accepts.
import { SignJWT } from 'jose'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { LOCAL_AUDIENCE, LOCAL_ISSUER, readSecrets } from '#dev/local-secrets.ts'
import { SCOPES } from '#lib/scopes.ts'
import { isId } from '#lib/id.ts'

export interface TokenClaims {
  readonly businessId: string | null
  readonly scope: string
  readonly ttlSeconds: number
}

export async function mintToken(jwtSecret: string, { businessId, scope, ttlSeconds }: TokenClaims): Promise<string> {
  return new SignJWT({ scope, ...(businessId !== null && { business_id: businessId }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(process.env['AUTH_ISSUER'] || LOCAL_ISSUER)
    .setAudience(process.env['AUTH_AUDIENCE'] || LOCAL_AUDIENCE)
    .setSubject('local-developer')
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + ttlSeconds)
    .sign(new TextEncoder().encode(jwtSecret))
}

const USAGE = `Usage: npm run token -- --business <uuid> --scope "<scopes>" [--ttl <seconds>]
Scopes: ${SCOPES.join(' ')}
Without --business only the scope admin makes sense.`

function parseClaims(): TokenClaims {
  const { values } = parseArgs({
    options: { business: { type: 'string' }, scope: { type: 'string' }, ttl: { type: 'string', default: '3600' } },
  })
  const { business, scope, ttl } = values
  const unknown = scope?.split(/\s+/).filter((word) => !SCOPES.some((known) => known === word)) ?? []
  if (!scope) throw new Error('--scope is missing.')
  if (unknown.length > 0) throw new Error(`--scope: ${unknown.join(', ')} is not a scope.`)
  if (business === undefined && !scope.split(/\s+/).includes('admin')) throw new Error('--business is missing.')
  if (business !== undefined && !isId(business)) throw new Error('--business: expected a UUID.')
  if (!/^\d{1,9}$/.test(ttl) || Number(ttl) === 0) throw new Error('--ttl: expected seconds.')
  return { businessId: business ?? null, scope, ttlSeconds: Number(ttl) }
}

if (import.meta.main) {
  try {
    const directory = resolve(process.env['DEV_DIR'] || '.dev')
    const claims = parseClaims()
    const secrets = readSecrets(directory)
    if (!secrets)
      throw new Error(`There is no local environment in ${directory}: run npm start first (DEV_DIR names another).`)
    console.log(await mintToken(secrets.jwtSecret, claims))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    process.exit(1)
  }
}
