/** Makes it when it is first asked for, and keeps it. For what costs too much to be made when the Worker starts. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
