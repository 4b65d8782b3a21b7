// Lists of an integration's rows. The same statement shows whether the caller has such an integration: the left join
// returns one empty row for an integration without rows, and no row without an integration.
import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'

interface List {
  readonly table: string
  /** The name of the table's rows in the other parts. */
  readonly alias: string
  /** Columns of the alias, of `i`, the integration, and of what is joined. */
  readonly columns: SQL
  /** A left join of each row with another table. */
  readonly join?: SQL
  readonly where: SQL
  readonly order: SQL
  readonly limit: number
}

/** Null: no such integration for this tenant. */
export async function listOfIntegration<Row extends Record<string, unknown> & { readonly id: string | null }>(
  db: Db,
  scope: TenantScope,
  { table, alias, columns, join = sql``, where, order, limit }: List,
): Promise<Row[] | null> {
  const { rows } = await db.execute<Row>(sql`
    select ${columns} from crm_integrations i left join lateral (
      select * from ${sql.raw(table)} ${sql.raw(alias)} where ${sql.raw(alias)}.integration_id = i.id and ${where}
      order by ${order} limit ${limit}::int
    ) ${sql.raw(alias)} on true ${join}
    where ${isVisible(scope)} order by ${order}`)
  return rows.length === 0 ? null : rows.filter(({ id }) => id !== null)
}
