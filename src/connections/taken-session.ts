import { type SessionColumns, sessionRowOf, type SessionRow } from '#connections/session.ts'
import { bytesOf } from '#db/bytea.ts'

type Sealed = 'api_key' | 'api_secret' | 'extra_secret' | 'session_token'
type Plain = 'business_id' | 'crm_type' | 'api_url' | 'additional_config' | 'timezone' | 'currency'

/** An integration as `take_run` and `take_inbox` answer it. Bytes are text in it, as JSON has none. */
export type TakenSession = Pick<SessionColumns, Plain> & Readonly<Record<Sealed, string | null>>

export interface TakenRow extends SessionRow {
  /** The vendor's short-lived token as it is stored, while it lasts. */
  readonly sessionToken: Uint8Array | null
}

export function takenRowOf(id: string, session: TakenSession): TakenRow {
  const { api_key: apiKey, api_secret: apiSecret, extra_secret: extraSecret, session_token: token } = session
  const sealed = { api_key: bytesOf(apiKey), api_secret: bytesOf(apiSecret), extra_secret: bytesOf(extraSecret) }
  return { ...sessionRowOf(id, { ...session, ...sealed }), sessionToken: bytesOf(token) }
}
