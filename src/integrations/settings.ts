// What a caller may put into an integration. The connector's schema and the address policy check it when it is saved,
// not later when a sync fails.
import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { CredentialName } from '#crm/contract.ts'
import { marketplaceFor } from '#connections/marketplace.ts'
import { CONNECTORS, CREDENTIAL_NAMES, findConnector } from '#crm/registry.ts'
import { refuseAddress } from '#lib/egress-policy.ts'
import { type FieldError, Problem } from '#lib/errors.ts'
import { FIELD_ERRORS, fieldErrors, REQUIRED } from '#lib/field-errors.ts'
import type { LocalizedText } from '#lib/localized.ts'
import { REFUSED_ADDRESS } from '#lib/refused-address.ts'

/** Throws Problem `invalid_request`. */
export function connectorFor(crmType: string): Connector<unknown, unknown> {
  const connector = findConnector(crmType)
  if (connector) return connector
  const types = CONNECTORS.map(({ type }) => type).join(', ')
  throw new Problem('invalid_request', {
    errors: [
      {
        ...({ path: 'crmType', code: 'not_allowed' } as const),
        message: { en: `must be one of: ${types}`, ru: `допустимые значения: ${types}` },
      },
    ],
  })
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
  const settings = connector.settings.safeParse(connection.additionalConfig ?? {}, FIELD_ERRORS)
  const serverUrl = settings.success ? (connector.server?.address(settings.data) ?? null) : null
  const errors = [
    ...addressErrors(context, 'apiUrl', connection.apiUrl, {
      hosts: connector.pace.hosts,
      isFile: connector.isFileAddress,
      origins: connector.needsOwnOrigin ? connector.ownOrigins : undefined,
    }),
    ...addressErrors(context, `additionalConfig.${connector.server?.field}`, serverUrl, { hosts: null }),
    ...(settings.success ? [] : fieldErrors(settings.error, ['additionalConfig'])),
    ...(connector.needsApiUrl && connection.apiUrl === null ? [missing('apiUrl')] : []),
  ]
  const isServed = marketplaceFor(context, connector, connection) !== null
  for (const { name, publicName = name, required, label } of connector.credentials) {
    const isNeeded = (required && !isServed) || (serverUrl !== null && name === connector.server?.credential)
    if (isNeeded && connection.credentials[name] == null) {
      errors.push(missing(`credentials.${publicName}`, label))
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
    const message = isPair ? NO_TOKEN : refuse?.(value)
    return message ? [{ path: `credentials.${publicName}`, code: 'wrong_form' as const, message }] : []
  })
  if (errors.length > 0) throw new Problem('invalid_request', { errors })
}

const NO_TOKEN: LocalizedText = {
  en: 'is not a token: it may not begin with {',
  ru: 'это не токен: он не может начинаться с {',
}

function missing(path: string, label: LocalizedText | null = null): FieldError {
  const message = label ? { en: `${REQUIRED.en}: ${label.en}`, ru: `${REQUIRED.ru}: ${label.ru}` } : REQUIRED
  return { path, code: 'required', message }
}

const NO_QUERY: LocalizedText = {
  en: 'must not hold a query or a fragment',
  ru: 'не может содержать ничего после знаков ? и #',
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
  const refused = (message: LocalizedText): FieldError[] => [{ path, code: 'not_allowed', message }]
  if (refusal) return refused(REFUSED_ADDRESS[refusal])
  const { href, origin, search, hash } = new URL(address)
  const isOwn = !origins || allowOrigins.includes(origin) || (origins.test(origin) && href === `${origin}/`)
  if (!isOwn) return refused(REFUSED_ADDRESS.not_the_vendors)
  return (search && !isFile) || hash ? refused(NO_QUERY) : []
}

/** Without trailing slashes, so that a path can be appended. */
export function normalizeUrl({ cleanUrl }: Connector<unknown, unknown>, apiUrl: string | null): string | null {
  if (apiUrl === null) return null
  const cleaned = cleanUrl?.(apiUrl.trim()) ?? apiUrl.trim()
  return cleaned.replace(/\/+$/, '')
}
