import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { isoInstant } from '#db/columns.ts'
import { connectSessions } from '#db/schema/connect-sessions.ts'
import { Problem } from '#lib/errors.ts'
import { NO_SUCH_TOKEN, sessionEnded, shortLife } from '#connect-sessions/life.ts'
import { readSessionToken } from '#connect-sessions/token.ts'

const { id, businessId, integrationId, permissions, scopes, crmTypes } = connectSessions
const { expiresAt, firstUsedAt, browserHash, endedAt } = connectSessions
const shownColumns = { id, businessId, integrationId, permissions, scopes, crmTypes, expiresAt }

export type UsedConnectSession = Pick<typeof connectSessions.$inferSelect, keyof typeof shownColumns>

/**
 * The session of a Bearer token, as it is now. Its first use ends the long life of its link. Throws Problem:
 * `unauthenticated`, `session_ended`.
 */
export async function useConnectSession(context: Context, token: string): Promise<UsedConnectSession> {
  const read = await readSessionToken(context, token)
  if (read === 'invalid') throw new Problem('unauthenticated', NO_SUCH_TOKEN)
  if (read === 'expired') throw sessionEnded()
  const isOf = eq(id, read.sessionId)
  const [row] = await context.db
    .select({
      ...shownColumns,
      isUsed: sql<boolean>`${firstUsedAt} is not null`,
      isOpened: sql<boolean>`${browserHash} is not null`,
    })
    .from(connectSessions)
    .where(and(isOf, isNull(endedAt), gt(expiresAt, sql`now()`)))
  if (!row || row.isOpened !== (read.step === 'page')) throw sessionEnded()
  const { isUsed, isOpened: _, ...session } = row
  if (isUsed) return session
  const { rows } = await context.db.execute<{ expires_at: string }>(sql`
    update connect_sessions s set first_used_at = coalesce(s.first_used_at, now()), expires_at = ${shortLife}
    where s.id = ${read.sessionId}::uuid and s.ended_at is null and s.browser_hash is null returning s.expires_at`)
  const [used] = rows
  if (!used) throw sessionEnded()
  return { ...session, expiresAt: used.expires_at }
}

/** Asked by what is open for longer than one request. */
export async function isSessionOpen({ db }: Context, sessionId: string): Promise<boolean> {
  const isOpen = and(eq(id, sessionId), isNull(endedAt), gt(expiresAt, sql`now()`))
  const rows = await db.select({ id }).from(connectSessions).where(isOpen)
  return rows.length > 0
}

/** In milliseconds. */
export function endOf(session: UsedConnectSession): number {
  return Date.parse(isoInstant(session.expiresAt))
}
