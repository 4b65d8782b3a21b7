/** Time as a dependency. Database transitions use Postgres' own now(); this one is for windows, deadlines and pauses. */
export interface Clock {
  now(): Date
  sleep(ms: number): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms) => {
    await new Promise((resolve) => {
      setTimeout(resolve, ms)
    })
  },
}
