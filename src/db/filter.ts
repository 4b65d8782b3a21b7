// Conditions that several statements have in common.
import { type SQL, sql, type SQLWrapper } from 'drizzle-orm'

/** What each member of a filter asks of a row. One that is forgotten does not compile. */
export type Conditions<Filter> = {
  readonly [Name in keyof Filter]-?: (value: Exclude<Filter[Name], undefined>) => SQL
}

/** All that a filter asks for; true when it asks for nothing. */
export function matches<Filter extends object>(filter: Filter, conditions: Conditions<Filter>): SQL {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of its own
  const names = Object.keys(conditions) as (keyof Filter)[]
  const parts = names
    .filter((name) => filter[name] !== undefined)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- filtered a line above
    .map((name) => conditions[name](filter[name] as Exclude<Filter[keyof Filter], undefined>))
  return parts.length === 0 ? sql`true` : sql.join(parts, sql` and `)
}

/** One of these texts, by one parameter however many they are. */
export function isAnyOf(column: SQLWrapper, texts: readonly string[]): SQL {
  return sql`${column} = any (array(select jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb)))`
}
