/**
 * A parameter for a Postgres array, in its text form: the driver has none of its own. Null when there is no value in
 * it, since `unnest` fills up what is short.
 */
export function arrayOf(values: readonly (string | number | boolean | null)[]): string | null {
  if (values.every((value) => value === null)) return null
  return `{${values.map(element).join(',')}}`
}

function element(value: string | number | boolean | null): string {
  if (value === null) return 'NULL'
  if (typeof value !== 'string') return String(value)
  // A replacement takes ten times as long as seeing that there is nothing to replace.
  return `"${value.includes('"') || value.includes('\\') ? value.replace(/["\\]/g, String.raw`\$&`) : value}"`
}
