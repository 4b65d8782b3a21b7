// What an isolate remembers lives as long as it does, and whoever chooses the keys would choose its memory: every such
// cache has a bound. Beyond it the entry that was made first goes; whoever asks for it makes it again.

export interface BoundedCache<K, V> {
  readonly get: (key: K) => V | undefined
  readonly set: (key: K, value: V) => V
  readonly delete: (key: K) => void
  readonly size: () => number
}

export function createBoundedCache<K, V>(entriesMax: number): BoundedCache<K, V> {
  const entries = new Map<K, V>()
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.set(key, value)
      const [first] = entries.size > entriesMax ? entries.keys() : []
      if (first !== undefined) entries.delete(first)
      return value
    },
    delete: (key) => void entries.delete(key),
    size: () => entries.size,
  }
}
