import { createBoundedCache } from '#lib/bounded-cache.ts'

const KEYS_MAX = 10_000
const WINDOW_MS = 60_000

interface Window {
  readonly number: number
  count: number
}

/** A rate limit of any size within one isolate, exact for each minute of the clock. */
export function createIsolateLimit(limit: number): RateLimit {
  const windowCache = createBoundedCache<string, Window>(KEYS_MAX)
  return {
    limit: async ({ key }) => {
      const number = Math.floor(Date.now() / WINDOW_MS)
      const last = windowCache.get(key)
      const window = last?.number === number ? last : windowCache.set(key, { number, count: 0 })
      window.count += 1
      return { success: window.count <= limit }
    },
  }
}
