import type { IntegrationRow } from '#integrations/queries.ts'
import type { UpdateIntegration } from '#integrations/schema.ts'
import type { TestRequest } from '#integrations/test-connection.ts'

export interface Update extends TestRequest {
  readonly integrationId: string
  readonly tenant: string | null
  readonly change: UpdateIntegration
  /** RFC 7396 instead of replacing `additionalConfig`. */
  readonly mergesConfig?: boolean
  /** Throws Problem `precondition_failed` when the caller's If-Match names another version. */
  readonly precondition: ((row: IntegrationRow) => Promise<void>) | null
  /** By a link for new credentials of the stored account, and for nothing else. */
  readonly isReconnect?: boolean
  /** Set when the new `apiKey` is a pair of tokens from a consent. */
  readonly grant?: NewGrant
}

export interface NewGrant {
  readonly accountId: string | null
  readonly brand: string | null
  readonly expiresInSeconds: number
}
