// How runs travel: pure, without I/O.

/**
 * Runs that one message names. They are worked on side by side in one invocation. A Worker has six connections that
 * wait for an answer, so five runs never wait for each other's vendor, and a queue costs by the message: with one run
 * in each it would cost five times as much.
 */
export const RUNS_A_MESSAGE = 5

export interface DelayedRun {
  readonly runId: string
  /** Whole seconds until the run is due. */
  readonly delaySeconds: number
}

export interface RunsMessage {
  readonly runIds: readonly string[]
  readonly delaySeconds: number
}

/** Runs of one second share messages. */
export function toMessages(runs: readonly DelayedRun[], runsMax = RUNS_A_MESSAGE): RunsMessage[] {
  const messages: RunsMessage[] = []
  for (const [delaySeconds, same] of Map.groupBy(runs, (run) => run.delaySeconds)) {
    for (let start = 0; start < same.length; start += runsMax) {
      messages.push({ runIds: same.slice(start, start + runsMax).map(({ runId }) => runId), delaySeconds })
    }
  }
  return messages
}
