/** What an access token may allow. */
export const SCOPES = ['integrations:read', 'integrations:write', 'transactions:read', 'admin'] as const
export type Scope = (typeof SCOPES)[number]
