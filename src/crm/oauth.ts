// What a connector declares about its vendor's consent flow: `oauth` in crm/connector.ts. It speaks the vendor's
// protocol. src/oauth and src/connections decide what is stored, who may refresh, and how a lost answer is handled.
import type * as z from 'zod'
import type { Http } from '#lib/egress.ts'
import type { Secret } from '#lib/secret.ts'

/** The service's own registration with a vendor. */
export interface RegisteredApp {
  readonly id: string
  readonly secret: Secret
  /** Where a vendor has several: `additionalConfig.brand` of the integrations that it is for. */
  readonly brand: string | null
  /** For vendors with a consent flow. */
  readonly oauth?: { readonly redirectUri: string; readonly consentUrl: string }
}

export interface TokenSet {
  readonly access: Secret
  /** Good for one refresh. */
  readonly refresh: Secret
  readonly expiresInSeconds: number
  /** The account's address; it differs from the called one when the account has moved. */
  readonly apiUrl: string
  /** Null: the answer does not name it. */
  readonly accountId: string | null
}

interface TokenRequest {
  readonly app: RegisteredApp
  readonly http: Http
  readonly apiUrl: string
  /** Further origins that count as the vendor's; empty in production. */
  readonly allowOrigins: readonly string[]
}

/** The vendor's complete answer to a person's consent, from the callback's query. */
export type CallbackQuery = Readonly<Record<string, string | undefined>>

export type CallbackSchema = z.ZodObject<Readonly<Record<string, z.ZodOptional<z.ZodString>>>>

/** A callback in the terms of RFC 6749. */
export interface Callback {
  /** The vendor's own call after a widget was installed: it belongs to no person's session. */
  readonly isWidget: boolean
  readonly state: string | null
  /** The person or the vendor refused. */
  readonly isDenied: boolean
  readonly code: string | null
  /** The account's address. Null: it is not an address of this vendor, or is for another app; nothing is sent there. */
  readonly apiUrl: string | null
}

export interface OAuthFlow {
  /** The brands of the vendor, each with a registration of its own; the usual one first. */
  readonly brands: readonly [string, ...string[]]
  /** The address of the consent page. */
  consentUrl(app: RegisteredApp, state: string): string
  /** The queries of the vendor's calls. What else they hold is ignored. */
  readonly queries: { readonly callback: CallbackSchema; readonly disconnect: CallbackSchema }
  readCallback(app: RegisteredApp, query: CallbackQuery, allowOrigins: readonly string[]): Callback
  /** Throws CrmError; `auth` when the code was used or is too old. */
  exchange(request: TokenRequest, code: string): Promise<TokenSet>
  /**
   * Throws CrmError. `auth` only when the vendor says that this very token is invalid. After `unavailable`, `malformed`
   * and `internal` the state of the token is unknown; after all others it is still valid. `access` is the current one.
   */
  refresh(request: TokenRequest & { readonly access: Secret }, refresh: Secret): Promise<TokenSet>
  /** The account in a signed notice of disconnection; null: the signature is not valid. */
  disconnected(app: RegisteredApp, query: CallbackQuery): Promise<string | null>
}
