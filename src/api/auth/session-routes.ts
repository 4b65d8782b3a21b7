// Which routes a connect session may call: the ones in this table, by what the session was made for. What is not here
// is closed to all of them. test/api/session-routes.test.ts walks all routes: each is here, or null says that none may.
import type { Route } from '#api/route.ts'
import type { Scope } from '#lib/scopes.ts'
import type { SessionPermission } from '#lib/session-permissions.ts'

/** `any`: every session may. */
type Opening = SessionPermission | 'any'

const RUN = '/v1/integrations/{id}/runs/{runId}'
const IMPORTS = '/v1/integrations/{id}/imports'
const FORMATS = '/v1/integrations/{id}/formats'

/** Null: a decision that no session may. DELETE, what needs `admin` and what needs no token are never open. */
export const SESSION_ROUTES: Readonly<Record<string, Opening | null>> = {
  'GET /v1/crm-types': 'any',
  'GET /v1/businesses/{id}': 'any',
  'GET /v1/integrations': 'any',
  'GET /v1/integrations/{id}': 'any',
  'GET /v1/integrations/{id}/runs': 'any',
  [`GET ${RUN}`]: 'any',
  [`GET ${RUN}/events`]: 'any',
  'GET /v1/integrations/{id}/quarantine': 'any',
  'GET /v1/integrations/{id}/issues': 'any',
  'GET /v1/integrations/{id}/days': 'any',
  'GET /v1/integrations/{id}/days/{day}/differences': 'any',

  'POST /v1/integrations': 'connect',
  'PATCH /v1/integrations/{id}': 'connect',
  'POST /v1/integrations/{id}/test': 'connect',
  'POST /v1/integrations/{id}/checks': 'connect',
  'POST /v1/integrations/{id}/repairs': 'connect',
  'GET /v1/oauth/{crmType}/authorize': 'connect',
  'POST /v1/oauth/{crmType}/confirm': 'connect',
  'POST /v1/marketplace/installs/claim': 'connect',
  // Enabling begins a sync as well; asked for twice they are one run.
  'POST /v1/integrations/{id}/sync': 'connect',
  'POST /v1/integrations/{id}/quarantine/retry': 'connect',

  'GET /v1/integrations/{id}/transactions': 'view',
  'GET /v1/integrations/{id}/transactions/summary': 'view',
  'GET /v1/integrations/{id}/transactions/export': 'view',
  'GET /v1/integrations/{id}/transactions/{transactionId}/history': 'view',
  'GET /v1/integrations/{id}/changes': 'view',
  'GET /v1/integrations/{id}/explanation': 'view',
  'GET /v1/businesses/{id}/transactions': 'view',

  [`POST ${IMPORTS}`]: 'import',
  [`POST ${IMPORTS}/preview`]: 'import',
  [`GET ${IMPORTS}/sample.csv`]: 'import',
  [`GET ${IMPORTS}/{runId}/errors.csv`]: 'import',
  [`POST ${IMPORTS}/{runId}/undo`]: 'import',
  [`POST ${IMPORTS}/uploads`]: 'import',
  [`PUT ${IMPORTS}/uploads/{uploadId}/parts/{n}`]: 'import',
  [`POST ${IMPORTS}/uploads/{uploadId}/complete`]: 'import',
  [`GET ${FORMATS}`]: 'import',
  [`GET ${FORMATS}/{name}`]: 'import',
  [`PUT ${FORMATS}/{name}`]: 'import',
  // An import that would change much waits for a person, who may also have taken the wrong file.
  [`POST ${RUN}/confirm`]: 'import',
  [`POST ${RUN}/cancel`]: 'import',

  // Sessions make no sessions.
  'POST /v1/connect-sessions': null,
  // It reads a period as long as the caller names: for who runs the product.
  'POST /v1/integrations/{id}/backfill': null,
  // Hooks are registered by enabling. An address that was entered must not change under the person.
  'POST /v1/integrations/{id}/webhook-token': null,
  'POST /v1/integrations/{id}/webhook-registration': null,
  'GET /v1/integrations/{id}/webhook-deliveries': null,
  'POST /v1/integrations/{id}/webhook-deliveries/replay': null,
  'POST /v1/integrations/{id}/webhook-deliveries/{deliveryId}/replay': null,
  // They send what happens to a server of the product's.
  'POST /v1/webhook-endpoints': null,
  'GET /v1/webhook-endpoints': null,
  'GET /v1/webhook-endpoints/{id}': null,
  'PATCH /v1/webhook-endpoints/{id}': null,
  'POST /v1/webhook-endpoints/{id}/rotate': null,
  'POST /v1/webhook-endpoints/{id}/test': null,
  'GET /v1/webhook-endpoints/{id}/deliveries': null,
  'POST /v1/webhook-endpoints/{id}/deliveries/{deliveryId}/resend': null,
}

/**
 * What a link for new credentials needs of the routes that `connect` opens. It may live for a week and pass through
 * hands, so it starts no run but the one that switching on begins.
 */
const OF_RECONNECT: ReadonlySet<string> = new Set([
  'PATCH /v1/integrations/{id}',
  'POST /v1/integrations/{id}/test',
  'GET /v1/oauth/{crmType}/authorize',
  'POST /v1/oauth/{crmType}/confirm',
])

/** The key of a route in the table: routes of a CRM type share one. */
export function sessionRouteOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method.toUpperCase()} ${path.replace(/^\/v1\/oauth\/[^/]+\//, '/v1/oauth/{crmType}/')}`
}

/** Null: no session may; with `isReconnect`, none that asks for new credentials. */
export function openingOf(
  route: Pick<Route, 'method' | 'path' | 'scope'>,
  { isReconnect = false }: { readonly isReconnect?: boolean } = {},
): Opening | null {
  if (route.method === 'delete' || route.scope === 'admin' || route.scope === null) return null
  const name = sessionRouteOf(route)
  const opening = SESSION_ROUTES[name] ?? null
  return isReconnect && opening === 'connect' && !OF_RECONNECT.has(name) ? null : opening
}

const SCOPES_OF: Readonly<Record<SessionPermission, readonly Scope[]>> = {
  connect: ['integrations:write'],
  view: ['transactions:read'],
  // Who sends a file may see its rows.
  import: ['integrations:write', 'transactions:read'],
}

/**
 * What a session with these permissions is allowed on such a route, whoever made it. Null: nothing, it may not call the
 * route. The rights of an import are good for imports only.
 */
export function scopesOn(
  opening: Opening | null,
  permissions: readonly SessionPermission[],
): ReadonlySet<Scope> | null {
  if (opening === null || (opening !== 'any' && !permissions.includes(opening))) return null
  const counted = permissions.filter((permission) => permission !== 'import' || opening === 'import')
  return new Set(['integrations:read', ...counted.flatMap((permission) => SCOPES_OF[permission])] as const)
}
