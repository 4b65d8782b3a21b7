// How hard a vendor may be asked, as data.
import type { SharedLimits } from '#lib/permits.ts'
import type { Secret } from '#lib/secret.ts'

/** The limits of a vendor. Data, so that all vendors can be compared. */
export interface Pace {
  /** Per integration. */
  readonly requestsPerSecond: number
  /** How many requests beyond the pace may be made at once after a pause; 0 when left out. */
  readonly burst?: number
  /** Concurrent requests of one integration. */
  readonly concurrency: number
  readonly timeoutMs: number
  /** The documented wait after a 429, before `THROTTLE_WAIT_SCALE`. */
  readonly throttleMinimumMs: number
  /** The host suffixes of the vendor; null where the customer runs the server. */
  readonly hosts: readonly string[] | null
}

/** A limit that several sessions share, of one integration or of many. Beside `pace`, which then is one session's. */
export interface SharedLimit<Settings> extends Pick<SharedLimits, 'limits' | 'idleCalls' | 'hookCalls'> {
  /** For whom the vendor counts, beside the address that our requests come from: an account, a key, or nobody. */
  countedFor(session: {
    readonly settings: Settings
    readonly apiUrl: string
    readonly apiKey: Secret | null
  }): readonly (string | Secret)[]
}
