import type { Context } from '#context.ts'
import type { Access, Session } from '#crm/contract.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { Secret } from '#lib/secret.ts'
import { confirmPair, isPair } from '#connections/grant.ts'
import { grantedPair, type Granted } from '#connections/refresh.ts'

interface Opened {
  readonly apiKey: Secret | null
  readonly apiUrl: string
}

/** `authorized` of a session, and its `apiKey`: the key a person entered, or null where there is a pair of tokens. */
export function authorizer(
  context: Context,
  granted: Granted,
  { apiKey, apiUrl }: Opened,
): Pick<Session<unknown>, 'apiKey' | 'authorized'> {
  if (apiKey && isPair(apiKey.reveal())) return { apiKey: null, authorized: byGrant(context, granted) }
  return {
    apiKey,
    authorized: async (call) => {
      if (!apiKey) throw new CrmError('auth', { reason: 'credentials_missing' })
      return call({ apiUrl, token: apiKey })
    },
  }
}

interface Held extends Access {
  readonly generation: number
  /** By the clock of this process. */
  readonly freshUntil: number
  isConfirmed: boolean
}

function byGrant(context: Context, granted: Granted): Session<unknown>['authorized'] {
  const now = () => context.clock.now().getTime()
  let held: Held | null = null
  const hold = async (refused: Secret | null): Promise<Held> => {
    const pair = await grantedPair(context, granted, refused)
    return {
      token: pair.access,
      // The address that was stored with the consent, or that the account has moved to since.
      apiUrl: pair.apiUrl,
      generation: pair.generation,
      freshUntil: now() + pair.freshMs,
      isConfirmed: pair.previous === null,
    }
  }
  const use = async <T>(call: (access: Access) => Promise<T>, access: Held): Promise<T> => {
    const result = await call(access)
    if (!access.isConfirmed) {
      access.isConfirmed = true
      await confirmPair(context, granted, access.generation)
    }
    return result
  }
  return async (call) => {
    if (held === null || held.freshUntil <= now()) held = await hold(null)
    const first = held
    try {
      return await use(call, first)
    } catch (error) {
      if (!isRefusal(error)) throw error
      held = await hold(first.token)
      return use(call, held)
    }
  }
}

/** A refusal that a new token may cure: of the token itself, or of an account that was renamed and is not found. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof CrmError)) return false
  return error.kind === 'auth' || error.reason === 'account_missing'
}
