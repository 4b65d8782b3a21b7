// Credentials stay where they were given: who may change settings must not thereby have a stored secret sent to a host,
// or on behalf of a user, that it was not entered for.
import type { Connector } from '#crm/connector.ts'
import { CREDENTIALS, type CredentialName } from '#crm/contract.ts'
import type { SealedCredentials } from '#connections/credentials.ts'
import { Problem } from '#lib/errors.ts'

interface Settings {
  readonly apiUrl: string | null
  readonly additionalConfig: Readonly<Record<string, unknown>> | null
}

export interface Move {
  readonly from: Settings & SealedCredentials
  readonly to: Settings
  /** What the same request brings; null removes one. */
  readonly entered: { readonly [N in CredentialName]?: string | null | undefined }
}

/**
 * Throws Problem `credentials_required` when a stored credential would go elsewhere. A move of any destination needs
 * all of them anew; a server named for the first time needs only its own. Tokens of a consent count as a stored
 * credential: they move by a new consent, or end with the key that replaces them.
 */
export function requireCredentials(connector: Connector<unknown, unknown>, { from, to, entered }: Move): void {
  const [before, after] = [destinationsOf(connector, from), destinationsOf(connector, to)]
  const isNewServer = after.server !== null && after.server !== before.server
  const isMoved = before.origin !== after.origin || (isNewServer && before.server !== null)
  const bound = isMoved ? CREDENTIALS : isNewServer && connector.server ? [connector.server.credential] : []
  const missing = bound.filter((name) => from[name] !== null && entered[name] === undefined)
  if (missing.length === 0) return
  const publicNames = new Map(connector.credentials.map(({ name, publicName = name }) => [name, publicName]))
  throw new Problem('credentials_required', {
    detail: connector.oauth
      ? {
          en: 'The connection moves to another address. Enter its credentials anew with it, or give consent again.',
          ru: 'Подключение переносится на другой адрес. Введите вместе с ним ключи заново или дайте согласие ещё раз.',
        }
      : {
          en: 'The connection moves to another address or user. Enter all its credentials anew with it.',
          ru: 'Подключение переносится на другой адрес или пользователя. Введите вместе с ним все ключи и пароли заново.',
        },
    errors: missing.map((name) => ({
      path: `credentials.${publicNames.get(name) ?? name}`,
      code: 'required',
      message: {
        en: 'was given for the former address and is not sent to another',
        ru: 'дан для прежнего адреса и на другой не отправляется',
      },
    })),
  })
}

/** Null members: nothing is sent. Settings that no longer parse equal no others. */
function destinationsOf(connector: Connector<unknown, unknown>, { apiUrl, additionalConfig }: Settings) {
  const settings = connector.settings.safeParse(additionalConfig ?? {})
  if (!settings.success) return { origin: apiUrl === null ? null : originOf(apiUrl), server: null }
  const address = apiUrl ?? connector.defaultApiUrl(additionalConfig ?? {})
  const serverUrl = connector.server?.address(settings.data) ?? null
  return {
    origin: address === null ? null : originOf(address),
    server: serverUrl === null ? null : `${new URL(serverUrl).href} ${connector.server?.login(settings.data)}`,
  }
}

function originOf(address: string): string {
  return new URL(address).origin
}
