// Lists of what belongs to an integration. One statement also tells whether there is such an integration for the caller:
// the left join gives one empty row for an integration that has nothing, and no row for no integration.
import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'

interface List {
  readonly table: string
  /** By which the other parts name the table's rows. */
  readonly alias: string
  /** Of the alias, and of `i`, the integration. */
  readonly columns: SQL
  readonly where: SQL
  readonly order: SQL
  readonly limit: number
}

/** Null: no such integration for this tenant. */
export async function listOfIntegration<Row extends Record<string, unknown> & { readonly id: string | null }>(
  db: Db,
  scope: TenantScope,
  { table, alias, columns, where, order, limit }: List,
): Promise<Row[] | null> {
  const { rows } = await db.execute<Row>(sql`
    select ${columns} from crm_integrations i left join lateral (
      select * from ${sql.raw(table)} ${sql.raw(alias)} where ${sql.raw(alias)}.integration_id = i.id and ${where}
      order by ${order} limit ${limit}::int
    ) ${sql.raw(alias)} on true
    where ${isVisible(scope)} order by ${order}`)
  return rows.length === 0 ? null : rows.filter(({ id }) => id !== null)
}
