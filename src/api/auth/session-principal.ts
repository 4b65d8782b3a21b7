import { insufficient } from '#api/auth/insufficient.ts'
import type { Principal } from '#api/auth/verify-token.ts'
import { openingOf, scopesOn } from '#api/auth/session-routes.ts'
import type { Route } from '#api/route.ts'
import type { Context } from '#context.ts'
import { endOf, useConnectSession } from '#connect-sessions/use.ts'
import type { LocalizedText } from '#lib/localized.ts'
import type { Run } from '#runs/schema.ts'

/**
 * Who calls by the token of a connect session: never more than its permissions open on this route, and never more than
 * the caller was allowed who made it. Null: the route is closed to it. Throws Problem `unauthenticated`,
 * `session_ended`.
 */
export async function sessionPrincipal(
  context: Context,
  token: string,
  route: Pick<Route, 'method' | 'path' | 'scope'>,
): Promise<Principal | null> {
  const session = await useConnectSession(context, token)
  const { id, integrationId, crmTypes } = session
  const opening = openingOf(route, { isReconnect: integrationId !== null })
  const granted = scopesOn(opening, session.permissions)
  if (granted === null) return null
  const scopes = granted.intersection(new Set(session.scopes))
  const masksCustomers = session.scopes.includes('transactions:read') && !scopes.has('transactions:read')
  return {
    subject: `session:${id}`,
    businessId: session.businessId,
    scopes,
    isAdmin: false,
    expiresAt: endOf(session),
    session: { id, integrationId, crmTypes, masksCustomers },
  }
}

export const CLOSED: LocalizedText = {
  en: 'This session was not made for that.',
  ru: 'Этот сеанс создан не для этого.',
}

/** Throws Problem `insufficient_scope` when the caller's session is for other CRMs. */
export function requireCrmType({ session }: Principal, crmType: string): void {
  if (session?.crmTypes && !session.crmTypes.some((type) => type === crmType)) throw insufficient(CLOSED)
}

/** Throws Problem `insufficient_scope`: to a session, what is open of runs are those of imports. */
export function requireImport({ trigger }: Pick<Run, 'trigger'>): void {
  if (trigger !== 'import') throw insufficient(CLOSED)
}
