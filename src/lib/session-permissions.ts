/** What a connect session may be made for. */
export const SESSION_PERMISSIONS = ['connect', 'view', 'import'] as const
export type SessionPermission = (typeof SESSION_PERMISSIONS)[number]
