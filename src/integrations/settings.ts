// What a caller may put into an integration. The connector's schema and the address policy check it when it is saved,
// not later when a sync fails.
import type * as z from 'zod'
import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { CredentialName } from '#crm/contract.ts'
import { CONNECTORS, CREDENTIAL_NAMES, findConnector } from '#crm/registry.ts'
import { refuseAddress, type Refusal } from '#lib/egress-policy.ts'
import { type FieldError, Problem } from '#lib/errors.ts'

const ADDRESS: Readonly<Record<Refusal, string>> = {
  not_a_url: 'is not a URL',
  not_https: 'must begin with https://',
  port: 'must not name a port',
  userinfo: 'must not hold a user name or password: those are credentials',
  not_public: 'must be a public DNS name',
  not_the_vendors: 'is not an address of this CRM',
}

/** Throws Problem `invalid_request`. */
export function connectorFor(crmType: string): Connector<unknown, unknown> {
  const connector = findConnector(crmType)
  if (connector) return connector
  const types = CONNECTORS.map(({ type }) => type).join(', ')
  throw new Problem('invalid_request', { errors: [{ path: 'crmType', message: `is not one of: ${types}` }] })
}

type Entered = { readonly [N in CredentialName]?: string | null | undefined }

/**
 * Turns a caller's names of credentials into the names under which they are stored. Keys are pasted with spaces around
 * them; passwords are kept as typed.
 */
export function byStoredName(
  { credentials }: Connector<unknown, unknown>,
  given: Readonly<Record<string, string | null | undefined>>,
): Entered {
  const entries = Object.entries(given).flatMap(([publicName, value]) => {
    const name = CREDENTIAL_NAMES.get(publicName)
    const isAsTyped = credentials.some((field) => field.name === name && field.isAsTyped)
    return name === undefined ? [] : [[name, isAsTyped || typeof value !== 'string' ? value : value.trim()] as const]
  })
  return Object.fromEntries(entries)
}

export interface Connection {
  readonly apiUrl: string | null
  readonly additionalConfig: Readonly<Record<string, unknown>> | null
  /** Only their presence is checked. */
  readonly credentials: { readonly [N in CredentialName]?: unknown }
}

/** Throws Problem `invalid_request` that names every wrong field at once. */
export function checkConnection(
  context: Context,
  connector: Connector<unknown, unknown>,
  connection: Connection,
): void {
  const settings = connector.settings.safeParse(connection.additionalConfig ?? {})
  const serverUrl = settings.success ? (connector.server?.address(settings.data) ?? null) : null
  const errors = [
    ...addressErrors(context, 'apiUrl', connection.apiUrl, {
      hosts: connector.pace.hosts,
      isFile: connector.isFileAddress,
      origins: connector.needsOwnOrigin ? connector.ownOrigins : undefined,
    }),
    ...addressErrors(context, `additionalConfig.${connector.server?.field}`, serverUrl, { hosts: null }),
    ...(settings.success ? [] : configErrors(settings.error)),
    ...(connector.needsApiUrl && connection.apiUrl === null ? [{ path: 'apiUrl', message: 'is required' }] : []),
  ]
  for (const { name, publicName = name, required, label } of connector.credentials) {
    const isNeeded = required || (serverUrl !== null && name === connector.server?.credential)
    if (isNeeded && connection.credentials[name] == null) {
      errors.push({ path: `credentials.${publicName}`, message: `is required: ${label.en}` })
    }
  }
  if (errors.length > 0) throw new Problem('invalid_request', { errors })
}

/**
 * Throws Problem `invalid_request` for what a connector says cannot work, and for a pair of tokens: that of a consent
 * is stored in the place of a key, in a form that nobody may type, or a stranger's tokens would be refreshed with the
 * secret of the service.
 */
export function checkEntered({ oauth, credentials }: Connector<unknown, unknown>, entered: Entered): void {
  const errors = credentials.flatMap(({ name, publicName = name, refuse }) => {
    const value = entered[name] ?? ''
    const isPair = oauth !== undefined && name === 'apiKey' && value.trimStart().startsWith('{')
    const message = isPair ? 'is not a token: it may not begin with {' : refuse?.(value)
    return message ? [{ path: `credentials.${publicName}`, message }] : []
  })
  if (errors.length > 0) throw new Problem('invalid_request', { errors })
}

function configErrors({ issues }: z.ZodError): FieldError[] {
  return issues.flatMap((issue) => {
    const path = ['additionalConfig', ...issue.path.map(String)]
    if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }]
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not a known field' }))
  })
}

interface AddressRules {
  readonly hosts: readonly string[] | null
  readonly isFile?: boolean | undefined
  /** The only origins, without a path behind them. */
  readonly origins?: RegExp | undefined
}

function addressErrors(
  context: Context,
  path: string,
  address: string | null,
  { hosts, isFile = false, origins }: AddressRules,
): FieldError[] {
  if (address === null) return []
  const { egressAllowOrigins: allowOrigins, egressDenyHosts: denyHosts } = context.config
  const refusal = refuseAddress(address, { allowOrigins, denyHosts, hosts })
  if (refusal) return [{ path, message: ADDRESS[refusal] }]
  const { href, origin, search, hash } = new URL(address)
  const isOwn = !origins || allowOrigins.includes(origin) || (origins.test(origin) && href === `${origin}/`)
  if (!isOwn) return [{ path, message: ADDRESS.not_the_vendors }]
  return (search && !isFile) || hash ? [{ path, message: 'must not hold a query or a fragment' }] : []
}

/** Without trailing slashes, so that a path can be appended. */
export function normalizeUrl({ cleanUrl }: Connector<unknown, unknown>, apiUrl: string | null): string | null {
  if (apiUrl === null) return null
  const cleaned = cleanUrl?.(apiUrl.trim()) ?? apiUrl.trim()
  return cleaned.replace(/\/+$/, '')
}
