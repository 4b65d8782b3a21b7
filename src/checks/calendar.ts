import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { StoredAccount } from '#db/schema/crm-integrations.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import { type Calendar, calendarOf } from '#sync/check-calendar.ts'

interface Row extends Record<string, unknown> {
  readonly additional_config: Record<string, unknown> | null
  readonly account: StoredAccount | null
  readonly timezone: string
}

/** Null: no such integration. */
export async function findCalendar({ db }: Context, scope: TenantScope): Promise<Calendar | null> {
  const { rows } = await db.execute<Row>(sql`
    select i.additional_config, i.account, b.timezone from crm_integrations i join businesses b on b.id = i.business_id
    where ${isVisible(scope)}`)
  const [row] = rows
  return row ? calendarOf({ additionalConfig: row.additional_config, ...row }) : null
}
