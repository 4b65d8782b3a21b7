const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A UUID of any version and variant, as Postgres accepts it. */
export function isId(text: string): boolean {
  return ID.test(text)
}
