// Connect sessions of a test's tenant, and what calls with their tokens.
import type { TestContext } from '#test/context.ts'
import { type Answer, caller, request, type Tenant } from '#test/tenants.ts'

export interface TestSession {
  readonly id: string
  readonly token: string
  readonly url: string
  readonly expiresAt: string
  readonly call: Tenant['call']
}

export async function createSession({ call, context }: Tenant, body: unknown = {}): Promise<TestSession> {
  const { status, json, text } = await call('POST', '/v1/connect-sessions', body)
  if (status !== 201) throw new Error(text)
  return { ...json, call: caller(context, json.token) }
}

/** A browser has a secret of its own. */
export function newBrowser(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: 'base64url', omitPadding: true })
}

export async function openLink(context: TestContext, token: string, browserSecret: string): Promise<Answer> {
  return request(context, '/v1/connect-sessions/open', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, browserSecret }),
  })
}
