/** Time as a dependency, for windows, deadlines and pauses. Transitions in the database use Postgres' own now(). */
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
