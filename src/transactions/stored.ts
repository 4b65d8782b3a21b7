// What is stored of an integration's sales, as its connector asks for it.
import { and, between, count, eq, ne, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { StoredSale, StoredScope, Twin } from '#crm/contract.ts'
import { isoInstant } from '#db/columns.ts'
import { isAnyOf } from '#db/filter.ts'
import { crmTransactions } from '#db/schema/crm-transactions.ts'
import { orNull, Transaction } from '#transactions/schema.ts'

export async function storedIds(
  context: Context,
  integrationId: string,
  scope: StoredScope,
): Promise<readonly string[]> {
  const { externalId, occurredAt, status, locationExternalId } = crmTransactions
  const rows = await context.db
    .select({ externalId })
    .from(crmTransactions)
    .where(
      and(
        eq(crmTransactions.integrationId, integrationId),
        between(occurredAt, scope.from, scope.to),
        ne(status, 'cancelled'),
        sql`starts_with(${externalId}, ${scope.prefix})`,
        scope.among && isAnyOf(externalId, scope.among),
        scope.locationId === undefined ? undefined : eq(locationExternalId, scope.locationId),
      ),
    )
  return rows.map((row) => row.externalId)
}

export async function storedAliases(
  context: Context,
  integrationId: string,
  among: readonly string[],
): Promise<ReadonlySet<string>> {
  if (among.length === 0) return new Set()
  const { alias } = crmTransactions
  const rows = await context.db
    .select({ alias })
    .from(crmTransactions)
    .where(and(eq(crmTransactions.integrationId, integrationId), isAnyOf(alias, among)))
  return new Set(rows.flatMap((row) => row.alias ?? []))
}

const CUSTOMER = {
  externalId: crmTransactions.customerExternalId,
  name: crmTransactions.customerName,
  phone: crmTransactions.customerPhone,
  email: crmTransactions.customerEmail,
  card: crmTransactions.customerCard,
}

export async function storedSales(
  context: Context,
  integrationId: string,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, StoredSale>> {
  if (externalIds.length === 0) return new Map()
  const { externalId, kind, status, amountMinor, currency, occurredAt, items, sourceUpdatedAt } = crmTransactions
  const sale = { kind, status, amountMinor, currency, occurredAt, items, sourceUpdatedAt, customer: CUSTOMER }
  const rows = await context.db
    .select({ externalId, ...sale, locationId: crmTransactions.locationExternalId })
    .from(crmTransactions)
    .where(and(eq(crmTransactions.integrationId, integrationId), isAnyOf(externalId, externalIds)))
  return new Map(
    rows.map(({ externalId: id, ...row }) => [
      id,
      {
        ...row,
        occurredAt: isoInstant(row.occurredAt),
        customer: orNull(row.customer),
        sourceUpdatedAt: row.sourceUpdatedAt === null ? null : isoInstant(row.sourceUpdatedAt),
        items: Transaction.shape.items.parse(row.items),
      },
    ]),
  )
}

/** How many of these sales are as an import left them. */
export async function storedByImport(
  context: Context,
  integrationId: string,
  { importId, among }: { readonly importId: string; readonly among: readonly string[] },
): Promise<number> {
  const { externalId, status, runId } = crmTransactions
  const rows = await context.db
    .select({ sales: count() })
    .from(crmTransactions)
    .where(
      and(
        ...[eq(crmTransactions.integrationId, integrationId), isAnyOf(externalId, among), ne(status, 'cancelled')],
        sql`${runId} in (select r.id from sync_runs r where r.import_id = ${importId}::uuid and r.task = 'pull')`,
      ),
    )
  return rows[0]?.sales ?? 0
}

export async function storedTwins(
  context: Context,
  integrationId: string,
  of: readonly Omit<Twin, 'externalId'>[],
): Promise<readonly Twin[]> {
  if (of.length === 0) return []
  const wanted = JSON.stringify(
    of.map(({ occurredAt, kind, amountMinor }) => ({ at: occurredAt, kind, amount: amountMinor })),
  )
  const { externalId, occurredAt, kind, amountMinor, status } = crmTransactions
  const rows = await context.db
    .select({ externalId, occurredAt, kind, amountMinor })
    .from(crmTransactions)
    .where(
      and(
        eq(crmTransactions.integrationId, integrationId),
        ne(status, 'cancelled'),
        sql`(${occurredAt}, ${kind}, ${amountMinor}) in (
          select r.at, r.kind, r.amount from json_to_recordset(${wanted}::json) as r(at timestamptz, kind text, amount bigint))`,
      ),
    )
  return rows.map((row) => ({ ...row, occurredAt: isoInstant(row.occurredAt) }))
}
