import { and, desc, eq, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { cursorProblem, decodeCursor, encodeCursor } from '#lib/page-cursor.ts'
import { integrationColumns, type IntegrationRow } from '#integrations/queries.ts'

const IntegrationCursor = z.tuple([z.string(), z.guid()])

export interface IntegrationList {
  readonly tenant: string | null
  readonly businessId: string | null
  readonly crmType: string | null
  readonly limit: number
  readonly cursor: string | null
}

/** Newest first. */
export async function listIntegrations(
  context: Context,
  request: IntegrationList,
): Promise<{ readonly rows: readonly IntegrationRow[]; readonly nextCursor: string | null }> {
  const after = request.cursor === null ? null : decodeCursor(request.cursor, IntegrationCursor)
  if (request.cursor !== null && after === null) throw cursorProblem()
  const { createdAt, id, businessId, crmType } = crmIntegrations
  const rows = await context.db
    .select(integrationColumns)
    .from(crmIntegrations)
    .where(
      and(
        request.tenant === null ? undefined : eq(businessId, request.tenant),
        request.businessId === null ? undefined : eq(businessId, request.businessId),
        request.crmType === null ? undefined : eq(crmType, request.crmType),
        after === null ? undefined : sql`(${createdAt}, ${id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(request.limit + 1)
  const page = rows.slice(0, request.limit)
  const last = page.at(-1)
  return {
    rows: page,
    nextCursor: rows.length > request.limit && last ? encodeCursor([last.createdAt, last.id]) : null,
  }
}
