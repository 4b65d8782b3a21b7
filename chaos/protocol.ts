/** Where a proof controls the disturbances of its Worker; beside the service's own API. */
export const CONTROL_PATH = '/__chaos'
/** `?integration=`: one call that needs that integration's access, and its outcome. */
export const WORK_PATH = '/__chaos/work'

export interface Worked {
  readonly ok: boolean
  /** Why not, as a run would keep it. */
  readonly kind: string | null
  readonly reason: string | null
}

export interface Disturbance {
  /** Added to the clock of the Worker. */
  readonly skewMs: number
  /** Of each message sent, the probability that it is lost, sent twice, or held back by up to 3 s. */
  readonly lose: number
  readonly double: number
  readonly delay: number
  /** Of pauses under 15 s: how long they really are. */
  readonly pauseScale: number
  /** Of each attempt to send, the probability that the queue refuses. */
  readonly refuse: number
  /** Texts of ENCRYPTION_KEYS, of Workers that are there at once; empty: the Worker's own. */
  readonly keys: readonly string[]
}
