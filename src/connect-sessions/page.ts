import { and, eq, exists, gt, isNull, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { businesses } from '#db/schema/businesses.ts'
import { isMintedSessionId } from '#connect-sessions/id.ts'
import { connectSessions } from '#db/schema/connect-sessions.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

export interface SessionPage {
  readonly businessName: string
  readonly isReconnect: boolean
  /** The business has an integration. */
  readonly isConnected: boolean
  readonly returnUrl: string | null
  readonly origin: string | null
  readonly language: typeof connectSessions.$inferSelect.language
}

/** What everybody may know who has the id of a session, which is in the link. Null: there is none, or it is over. */
export async function findSessionPage(context: Context, sessionId: string): Promise<SessionPage | null> {
  if (!(await isMintedSessionId(context, sessionId))) return null
  const { id, businessId, integrationId, returnUrl, origin, language, endedAt, expiresAt } = connectSessions
  const own = context.db.select().from(crmIntegrations).where(eq(crmIntegrations.businessId, businesses.id))
  const [row] = await context.db
    .select({
      ...{ businessName: businesses.name, integrationId, returnUrl, origin, language },
      isConnected: sql<boolean>`${exists(own)}`,
    })
    .from(connectSessions)
    .innerJoin(businesses, eq(businesses.id, businessId))
    .where(and(eq(id, sessionId), isNull(endedAt), gt(expiresAt, sql`now()`)))
  if (!row) return null
  const { integrationId: reconnected, ...page } = row
  return { ...page, isReconnect: reconnected !== null }
}
