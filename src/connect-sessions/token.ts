// The tokens of connect sessions: JWTs of our own, with an audience and a key that no access token has. The key is made
// from ADDRESS_KEY, which stays when ENCRYPTION_KEYS is rotated. A token says which session it is of, and nothing of
// what that session may do: the row says that, so that it ends at once.
import { errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { signText } from '#crypto/address-key.ts'

/** RFC 8725, 3.11: the type keeps it from being taken for another kind of token. */
const HEADER = { alg: 'HS256', typ: 'connect-session+jwt' } as const
const AUDIENCE = 'connect-session'
const PURPOSE = 'connect-session-key:1'

/** All tokens minted here begin with it. Its base64 has none of the characters that base64url replaces. */
const PREFIX = `${btoa(JSON.stringify(HEADER)).replaceAll('=', '')}.`

/** `link`: as it was made. `page`: for the browser that opened the link. */
const STEPS = ['link', 'page'] as const

const Claims = z.object({ jti: z.guid(), step: z.enum(STEPS) })

export interface SessionToken {
  readonly sessionId: string
  readonly step: (typeof STEPS)[number]
}

export function isSessionToken(token: string): boolean {
  return token.startsWith(PREFIX)
}

export async function mintSessionToken(
  context: Context,
  { sessionId, step }: SessionToken,
  expiresAt: string,
): Promise<string> {
  return new SignJWT({ step })
    .setProtectedHeader(HEADER)
    .setAudience(AUDIENCE)
    .setSubject(`session:${sessionId}`)
    .setJti(sessionId)
    .setExpirationTime(new Date(expiresAt))
    .sign(await keyOf(context))
}

/** `invalid`: not one of ours. `expired`: one of ours whose time is over. */
export async function readSessionToken(context: Context, token: string): Promise<SessionToken | 'invalid' | 'expired'> {
  try {
    const { payload } = await jwtVerify(token, await keyOf(context), {
      ...{ audience: AUDIENCE, typ: HEADER.typ, algorithms: [HEADER.alg], requiredClaims: ['exp', 'sub', 'jti'] },
      currentDate: context.clock.now(),
    })
    const claims = Claims.safeParse(payload)
    return claims.success ? { sessionId: claims.data.jti, step: claims.data.step } : 'invalid'
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'expired'
    if (error instanceof errors.JOSEError) return 'invalid'
    throw error
  }
}

async function keyOf(context: Context): Promise<Uint8Array> {
  return signText(await context.addressKey(), PURPOSE)
}
