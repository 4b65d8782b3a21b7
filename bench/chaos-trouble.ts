/** What the harness asks of the Worker in the chaos run, beside the service's own API. */
export const CONTROL_PATH = '/__chaos'

export interface Trouble {
  /** Added to the clock of the Worker. */
  readonly skewMs: number
  /** Of each message sent, the probability that it is lost, sent twice, or held back by up to 3 s. */
  readonly lose: number
  readonly double: number
  readonly delay: number
}
