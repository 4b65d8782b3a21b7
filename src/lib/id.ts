const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Any UUID by its form; Postgres takes every one, so versions and variants do not matter. */
export function isId(text: string): boolean {
  return ID.test(text)
}
