/**
 * Caches by session what does not change within one piece of work (the account, its rights, its zone), so that single
 * reads of many objects read it once.
 */
export function oncePerSession<S extends object, T>(open: (session: S) => Promise<T>): (session: S) => Promise<T> {
  const openedCache = new WeakMap<S, Promise<T>>()
  return async (session) => {
    const opened = openedCache.get(session) ?? open(session)
    openedCache.set(session, opened)
    return opened
  }
}
