// Rows of visits → records, where visits are counted.
import type { MappedRecord } from '#crm/contract.ts'
import { externalIdOf } from '#crm/kit/mapping.ts'
import { isOurs, type AccountContext } from '#crm/renovatio/account-context.ts'
import { isOpenVisit, mapVisit } from '#crm/renovatio/map.ts'
import { VisitHint } from '#crm/renovatio/schema.ts'

export function ourVisits(context: AccountContext, rows: readonly unknown[]): readonly unknown[] {
  return rows.filter((row) => isOurs(context, VisitHint.safeParse(row).data?.clinic_id ?? null))
}

export interface VisitRecords {
  readonly records: readonly MappedRecord[]
  /** Visits that are no sales, whatever else their rows lack. */
  readonly skipped: number
  /** External ids of all. */
  readonly shown: readonly string[]
}

export async function toVisitRecords(context: AccountContext, rows: readonly unknown[]): Promise<VisitRecords> {
  const all = rows.map((row) => ({ row, record: mapVisit(row, context) }))
  const shown = all.flatMap(({ record }) => externalIdOf(record) ?? [])
  const open = all.filter(({ row, record }) => record.type === 'unmapped' && isOpenVisit(row))
  const stored = await context.storedSales(open.flatMap(({ record }) => externalIdOf(record) ?? []))
  const noSales = new Set(open.flatMap(({ record }) => (stored.has(externalIdOf(record) ?? '') ? [] : [record])))
  const records = all.flatMap(({ record }) => (noSales.has(record) ? [] : [record]))
  return { records, skipped: noSales.size, shown }
}
