/** Runs at most `most` tasks at the same time; the others wait in line. */
export function createLimit(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  let free = most
  const waiting: (() => void)[] = []
  return async (task) => {
    if (free > 0) free -= 1
    else await new Promise<void>((go) => waiting.push(go))
    try {
      return await task()
    } finally {
      // The first task in line takes this place.
      const go = waiting.shift()
      if (go) go()
      else free += 1
    }
  }
}
