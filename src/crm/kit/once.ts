/**
 * What does not change within one piece of work (the account, its rights, its zone) is read once for it, however many
 * objects are read one after the other.
 */
export function oncePerSession<S extends object, T>(open: (session: S) => Promise<T>): (session: S) => Promise<T> {
  const openedCache = new WeakMap<S, Promise<T>>()
  return async (session) => {
    const opened = openedCache.get(session) ?? open(session)
    openedCache.set(session, opened)
    return opened
  }
}
