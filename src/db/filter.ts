// Conditions that several statements share.
import { type SQL, sql, type SQLWrapper } from 'drizzle-orm'

/** The SQL condition for each member of a filter. A missing one does not compile. */
export type Conditions<Filter> = {
  readonly [Name in keyof Filter]-?: (value: Exclude<Filter[Name], undefined>) => SQL
}

/** The conditions of all members that are set; true when none is. */
export function matches<Filter extends object>(filter: Filter, conditions: Conditions<Filter>): SQL {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the same object
  const names = Object.keys(conditions) as (keyof Filter)[]
  const parts = names
    .filter((name) => filter[name] !== undefined)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the line above removed undefined
    .map((name) => conditions[name](filter[name] as Exclude<Filter[keyof Filter], undefined>))
  return parts.length === 0 ? sql`true` : sql.join(parts, sql` and `)
}

/** The column equals one of these texts. All of them are one parameter, however many there are. */
export function isAnyOf(column: SQLWrapper, texts: readonly string[]): SQL {
  return sql`${column} = any (array(select jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb)))`
}
