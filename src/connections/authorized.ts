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

/** `authorized` of a session, and the key that a person has entered, if it is one. */
export function authorizer(
  context: Context,
  granted: Granted,
  { apiKey, apiUrl }: Opened,
): Pick<Session<unknown>, 'apiKey' | 'authorized'> {
  if (apiKey && isPair(apiKey.reveal())) return { apiKey: null, authorized: byGrant(context, granted, apiUrl) }
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
  /** By this process' clock. */
  readonly freshUntil: number
  isConfirmed: boolean
}

function byGrant(context: Context, granted: Granted, apiUrl: string): Session<unknown>['authorized'] {
  const now = () => context.clock.now().getTime()
  let held: Held | null = null
  let firstUrl: string | null = null
  const hold = async (refused: Secret | null): Promise<Held> => {
    const pair = await grantedPair(context, granted, refused)
    firstUrl ??= pair.apiUrl
    return {
      token: pair.access,
      // The session's own address, which may be one that is only being tried out, unless the account has moved meanwhile.
      apiUrl: pair.apiUrl === firstUrl ? apiUrl : pair.apiUrl,
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

/** What another token may mend: this one is not taken, or the account is not there, as after it was renamed. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof CrmError)) return false
  return error.kind === 'auth' || (error.kind === 'not_found' && error.reason === 'account_missing')
}
