// amoCRM's tokens in the harshest reading of what is known: a refresh token may be sent again until a pair that came
// from it is first used; with that use it dies, and so does every other pair that came from it.
const CODE_MS = 20 * 60_000
const REFRESH_MS = 90 * 86_400_000

interface Pair {
  readonly access: string
  readonly refresh: string
  readonly issuedAt: number
  readonly parent: Pair | null
  readonly children: Pair[]
  isUsed: boolean
  isRevoked: boolean
}

export interface TokenCall {
  /** What was sent: a refresh token or a code. */
  readonly sent: string
  readonly grantType: string
  readonly isIssued: boolean
  /** The answer has left the house whole. */
  readonly isDelivered: boolean
}

export type Tokens = ReturnType<typeof createTokens>

export interface TokenOptions {
  readonly now: () => Date
  readonly accessSeconds: number
  /** Account, host of the account's API and where to ask after a renamed account. */
  readonly claims: () => Readonly<Record<string, unknown>>
}

export function createTokens({ now, accessSeconds, claims }: TokenOptions) {
  const codes = new Map<string, { readonly at: number; isUsed: boolean }>()
  const byRefresh = new Map<string, Pair>()
  const byAccess = new Map<string, Pair>()
  const calls: TokenCall[] = []

  function newCode(): string {
    const code = `def502${random(2)}`
    codes.set(code, { at: now().getTime(), isUsed: false })
    return code
  }

  function issue(parent: Pair | null): Pair {
    const iat = Math.floor(now().getTime() / 1000)
    const body = { ...claims(), iat, nbf: iat, exp: iat + accessSeconds, jti: random(1) }
    const part = (value: unknown) => base64url(JSON.stringify(value))
    const access = `${part({ typ: 'JWT', alg: 'RS256' })}.${part(body)}.${random(3)}`
    const refresh = `def502${random(4)}`
    const pair: Pair = {
      ...{ access, refresh, issuedAt: now().getTime(), parent, children: [], isUsed: false, isRevoked: false },
    }
    parent?.children.push(pair)
    byRefresh.set(refresh, pair)
    byAccess.set(access, pair)
    return pair
  }

  function revoke(pair: Pair): void {
    pair.isRevoked = true
    for (const child of pair.children) revoke(child)
  }

  /** The first use of a pair ends what it came from and whatever else came from that. */
  function use(pair: Pair): void {
    if (pair.isUsed) return
    pair.isUsed = true
    if (!pair.parent) return
    pair.parent.isRevoked = true
    for (const sibling of pair.parent.children) if (sibling !== pair) revoke(sibling)
  }

  function byCode(code: string): Pair | string {
    const known = codes.get(code)
    if (!known || known.isUsed) return 'Authorization code has been revoked'
    if (now().getTime() - known.at > CODE_MS) return 'Authorization code has expired'
    known.isUsed = true
    return issue(null)
  }

  function refresh(token: string): Pair | string {
    const pair = byRefresh.get(token)
    if (!pair) return 'Cannot decrypt the refresh token'
    if (pair.isRevoked) return 'Token has been revoked'
    if (now().getTime() - pair.issuedAt > REFRESH_MS) return 'Token has expired'
    use(pair)
    return issue(pair)
  }

  /** Whether an access token opens the door; using it counts. */
  function isGood(access: string): boolean {
    const pair = byAccess.get(access)
    const isAlive = pair && !pair.isRevoked && now().getTime() - pair.issuedAt < accessSeconds * 1000
    if (isAlive) use(pair)
    return isAlive ?? false
  }

  /** A person switches the app off in the account, or the secret is replaced. */
  function revokeAll(): void {
    for (const pair of byRefresh.values()) pair.isRevoked = true
  }

  /** Refresh tokens that were sent again although an answer to them had been delivered. */
  function sentAgainAfterSuccess(): number {
    const delivered = new Set<string>()
    let count = 0
    for (const call of calls.filter(({ grantType }) => grantType === 'refresh_token')) {
      if (delivered.has(call.sent)) count += 1
      if (call.isDelivered) delivered.add(call.sent)
    }
    return count
  }

  return { calls, byRefresh, newCode, byCode, refresh, isGood, revokeAll, sentAgainAfterSuccess, accessSeconds }
}

function random(uuids: number): string {
  return Array.from({ length: uuids }, () => crypto.randomUUID().replaceAll('-', '')).join('')
}

function base64url(ascii: string): string {
  return btoa(ascii).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
