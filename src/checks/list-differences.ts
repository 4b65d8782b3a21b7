// What a check has found on one day, sale by sale, as JSON or as a file.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { Day } from '#checks/period.ts'
import type { Difference, SaleFacts } from '#checks/schema.ts'
import type { Context } from '#context.ts'
import { isoInstant, safeInteger } from '#db/columns.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import { csvLine, guardCell } from '#lib/csv-cell.ts'
import { fromMinor } from '#lib/money.ts'
import { DIFFERENCES_MAX } from '#sync/compare-day.ts'

export const DayParams = z.object({ day: Day.meta({ description: 'The day, on the calendar of the location.' }) })

export const ListDifferences = z.strictObject({
  locationId: z.string().max(200).optional().meta({ description: 'Only those of this location.' }),
  format: z
    .enum(['json', 'csv'])
    .optional()
    .meta({ description: '`csv`: as a file. Left out: as `Accept` has it, else JSON.' }),
})

interface Row extends Record<string, unknown> {
  readonly outcome: Difference['kind']
  readonly external_id: string
  readonly location_id: string
  readonly status: string
  readonly kind: SaleFacts['kind'] | null
  readonly amount_minor: string | null
  readonly currency: string | null
  readonly occurred_at: string | null
  readonly stored: SaleFacts | null
  readonly fields: Difference['fields'] | null
}

interface DayRequest extends TenantScope {
  readonly day: string
  readonly locationId?: string | undefined
}

/** Null: no such integration. */
export async function listDifferences({ db }: Context, request: DayRequest): Promise<readonly Difference[] | null> {
  const { day, locationId = null } = request
  const [visible, found] = await db.batch([
    db.execute(sql`select i.id from crm_integrations i where ${isVisible(request)}`),
    db.execute<Row>(sql`
      select distinct on (c.external_id) c.outcome, c.external_id, c.location_id, c.status, c.kind,
        c.amount_minor::text, c.currency, c.occurred_at::text, c.stored, c.fields
      from crm_integrations i join check_records c on c.integration_id = i.id
      where ${isVisible(request)} and c.outcome is not null and (c.day = ${day}::date or c.stored_day = ${day}::date)
        and (${locationId}::text is null or ${locationId}::text in (c.location_id, c.stored ->> 'locationId'))
      order by c.external_id, c.read_at desc limit ${DIFFERENCES_MAX}::int`),
  ])
  return visible.rows.length === 0 ? null : found.rows.map(toDifference)
}

function toDifference(row: Row): Difference {
  const { outcome, fields, stored } = row
  const crm = crmOf(row)
  return {
    kind: outcome,
    externalId: row.external_id,
    locationId: (crm ?? stored)?.locationId ?? null,
    // Postgres writes a time into JSON with an offset.
    stored: stored && { ...stored, occurredAt: new Date(stored.occurredAt).toISOString() },
    crm,
    fields: fields ?? [],
  }
}

function crmOf(row: Row): SaleFacts | null {
  const { status, kind, amount_minor: amount, currency, occurred_at: occurredAt } = row
  const isShown = status === 'paid' || status === 'unpaid' || status === 'cancelled'
  if (!isShown || kind === null || amount === null || currency === null || occurredAt === null) return null
  const location = { locationId: row.location_id || null }
  return { kind, status, amountMinor: safeInteger(amount), currency, occurredAt: isoInstant(occurredAt), ...location }
}

const HEADER = [
  ...['kind', 'id', 'location', 'fields', 'status', 'crm status', 'amount', 'crm amount', 'currency', 'date'],
  'crm date',
]
const BOM = '\ufeff'

export function differencesCsv(differences: readonly Difference[]): string {
  const lines = differences.map(({ kind, externalId, locationId, stored, crm, fields }) => {
    const amount = (sale: SaleFacts | null) => (sale ? fromMinor(sale.amountMinor, sale.currency) : '')
    const cells = [
      ...[kind, externalId, locationId ?? '', fields.join(' '), stored?.status ?? '', crm?.status ?? ''],
      ...[amount(stored), amount(crm), (crm ?? stored)?.currency ?? '', stored?.occurredAt ?? ''],
      crm?.occurredAt ?? '',
    ]
    return csvLine(cells.map(guardCell), ',')
  })
  return BOM + csvLine(HEADER, ',') + lines.join('')
}
