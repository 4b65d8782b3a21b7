// A connector's pull without the engine: its pages, and the cursors between them.
import { sql } from 'drizzle-orm'
import type { Connector } from '#crm/connector.ts'
import type { MappedRecord, Page, Session } from '#crm/contract.ts'
import { connectorOf } from '#crm/registry.ts'
import { findForSession } from '#integrations/queries.ts'
import { openSession } from '#connections/session.ts'
import type { Connected } from '#test/tenants.ts'

/** Where the last live sync has ended. */
export async function cursorOf({ context, integrationId }: Connected): Promise<unknown> {
  const { rows } = await context.db.execute(sql`select cursor from crm_integrations where id = ${integrationId}::uuid`)
  return rows[0]?.['cursor']
}

/** The cursor of a page, as the next slice reads it. */
export function storedCursor(connector: Connector<unknown, unknown>, page: Page<unknown> | undefined): unknown {
  return connector.cursor.parse(JSON.parse(JSON.stringify(page?.cursor)))
}

interface Opened {
  readonly connector: Connector<unknown, unknown>
  readonly session: Session<unknown>
}

/** A session of a scheduled sync. */
export async function openedSession({ context, integrationId }: Connected, startedAt: Date): Promise<Opened> {
  const row = await findForSession(context.db, integrationId, null)
  if (!row) throw new Error('no integration')
  return { connector: connectorOf(row.crmType), session: await openSession(context, row, { startedAt }) }
}

export async function collect(pages: AsyncIterable<Page<unknown>>): Promise<Page<unknown>[]> {
  const all = []
  for await (const page of pages) all.push(page)
  return all
}

export function idsOf(pages: readonly Page<unknown>[]): (string | null)[] {
  const idOf = (record: MappedRecord) =>
    record.type === 'transaction' ? record.transaction.externalId : record.externalId
  return pages.flatMap(({ records }) => records.map(idOf))
}
