import { type JWTPayload, SignJWT } from 'jose'

const ALL_SCOPES = 'integrations:read integrations:write transactions:read'
const CLAIMS = { iss: 'https://auth.crm-integrations.localhost', aud: 'crm-integrations', sub: 'somebody' }

/** A token that the tests' configuration accepts; `claims` replace or (undefined) take away what it says. */
export async function token(claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000)
  const merged: Record<string, unknown> = { ...CLAIMS, scope: ALL_SCOPES, iat: seconds, exp: seconds + 600, ...claims }
  const payload: JWTPayload = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined))
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(secret())
}

export function secret(): Uint8Array {
  return new TextEncoder().encode('a secret that only the tests know, long enough')
}

export async function tenantToken(businessId: string, scope = ALL_SCOPES): Promise<string> {
  return token({ business_id: businessId, scope })
}

export async function adminToken(): Promise<string> {
  return token({ scope: 'admin' })
}
