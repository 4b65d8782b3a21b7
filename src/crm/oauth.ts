// What a connector says about its vendor's consent flow: `oauth` of crm/contract.ts. It speaks the vendor's protocol;
// what is kept, who may refresh and what becomes of a lost answer is decided outside (src/oauth).
import type * as z from 'zod'
import type { Http } from '#lib/egress.ts'
import type { Secret } from '#lib/secret.ts'

/** The service's own registration with a vendor. */
export interface RegisteredApp {
  readonly id: string
  readonly secret: Secret
  /** Where the vendor has a consent flow. */
  readonly oauth?: { readonly redirectUri: string; readonly consentUrl: string }
}

export interface TokenSet {
  readonly access: Secret
  /** Good for one refresh. */
  readonly refresh: Secret
  readonly expiresInSeconds: number
  /** Of the account; another one than was called when it has moved. */
  readonly apiUrl: string
  /** Null: the answer does not say. */
  readonly accountId: string | null
}

interface TokenRequest {
  readonly app: RegisteredApp
  readonly http: Http
  readonly apiUrl: string
  /** Origins that count as the vendor's own too; empty in production. */
  readonly allowOrigins: readonly string[]
}

/** The vendor's whole answer to a person's consent, as it came in the address of the callback. */
export type CallbackQuery = Readonly<Record<string, string | undefined>>

/** A callback in the terms of RFC 6749. */
export interface Callback {
  /** The vendor's own call after a widget was installed, which nobody's session is behind. */
  readonly isWidget: boolean
  readonly state: string | null
  /** The person or the vendor refused. */
  readonly isDenied: boolean
  readonly code: string | null
  /** The account's address. Null: not an address of this vendor's, or for another app; nothing is sent there. */
  readonly apiUrl: string | null
}

export interface OAuthFlow {
  /** Where the person is sent. */
  consentUrl(app: RegisteredApp, state: string): string
  /** What the vendor's calls carry; only the API's document reads it. */
  readonly queries: { readonly callback: z.ZodObject; readonly disconnect: z.ZodObject }
  readCallback(app: RegisteredApp, query: CallbackQuery, allowOrigins: readonly string[]): Callback
  /** Throws CrmError, `auth` when the code is spent or too old. */
  exchange(request: TokenRequest, code: string): Promise<TokenSet>
  /**
   * Throws CrmError: `auth` only when the vendor says that this very token is worth nothing; `unavailable`, `malformed`
   * and `internal` leave open what became of it; after all others it is as good as before. `access` is the one at hand.
   */
  refresh(request: TokenRequest & { readonly access: Secret }, refresh: Secret): Promise<TokenSet>
  /** The account that a signed notice of disconnection is about; null: the signature is not the vendor's. */
  disconnected(app: RegisteredApp, query: CallbackQuery): Promise<string | null>
}
